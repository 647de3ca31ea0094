import { same, type Text, type Texts } from "../platform/text.ts";
import { SMS_REASONS, STEP_REASONS } from "./words/reasons.ts";

const REASONS: Texts = { ...SMS_REASONS, ...STEP_REASONS };

/** The code of a step or an SMS in words; one of a newer version, or a sentence, stays. */
export const reasonOf = (code: string): Text => REASONS[code] ?? same(code);
