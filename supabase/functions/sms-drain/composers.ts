import { followupSmsComposers } from "../_shared/followups/composers.ts";
import type { ComposeSms } from "../_shared/sms/compose.ts";

/** Which kind of SMS is composed by what, where its message brings no text. */
export const composers: Readonly<Record<string, ComposeSms>> = { ...followupSmsComposers };
