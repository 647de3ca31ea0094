import type { Compose } from "../mail/compose.ts";
import type { ComposeSms } from "../sms/compose.ts";
import { composeFollowup } from "./mail/followup-mail.ts";
import { composeFollowupSms } from "./sms/followup-sms.ts";

/** The mails of sequences, by kind. */
export const followupComposers: Readonly<Record<string, Compose>> = {
  "lead.mail": composeFollowup,
  "student.mail": composeFollowup,
  "member.mail": composeFollowup,
};

/** The SMS of sequences, by kind. */
export const followupSmsComposers: Readonly<Record<string, ComposeSms>> = {
  "lead.sms": composeFollowupSms,
  "student.sms": composeFollowupSms,
};
