import type { Compose } from "../mail/compose.ts";
import { composeFollowup } from "./mail/followup-mail.ts";

/** The mails of sequences, by kind. */
export const followupComposers: Readonly<Record<string, Compose>> = {
  "lead.mail": composeFollowup,
  "student.mail": composeFollowup,
};
