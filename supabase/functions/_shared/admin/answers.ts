/** The answers of the actions, as the operator's command reads them. */
export { ChoicesAnswer } from "./choices/answer.ts";
export {
  DuplicatesAnswer,
  ForgetAnswer,
  MailsAnswer,
  QuarantineAnswer,
  TellsAnswer,
} from "./decisions/answer.ts";
export {
  type Check,
  type Code,
  DoctorAnswer,
  type Finding,
  finding,
  KINDS,
  type Outcome,
} from "./doctor/finding.ts";
export { type Choice, FindAnswer, type FoundContact, type FoundDeal } from "./find/answer.ts";
export { FormsAnswer } from "./forms/answer.ts";
export { LinksAnswer } from "./links/answer.ts";
export { DeadAnswer, MessagesAnswer, PausedAnswer, RequeuedAnswer } from "./messages/answer.ts";
export { PlanAnswer, type PlanReason } from "./plan/answer.ts";
export { SequencesAnswer } from "./sequences/answer.ts";
export { SmsAnswer } from "./sms/answer.ts";
export { WebhookAnswer } from "./webhook/answer.ts";
