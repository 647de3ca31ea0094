import { filled, same, type Text, type Texts } from "../platform/text.ts";
import { MAIL_REASONS, SMS_REASONS, STEP_REASONS } from "./words/reasons.ts";

const REASONS: Texts = { ...SMS_REASONS, ...MAIL_REASONS, ...STEP_REASONS };

/** What a step that could not be worked off says before Postgres's own words. */
const STUMBLED = /^failed: (.*)$/s;

/** The code of a step or an SMS in words; one of a newer version, or a sentence, stays. */
export function reasonOf(code: string): Text {
  const said = STUMBLED.exec(code)?.[1];
  return said === undefined ? (REASONS[code] ?? same(code)) : filled(STEP_REASONS.stumbled, { said });
}
