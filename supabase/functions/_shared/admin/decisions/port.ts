import type { DuplicatesAnswer, ForgetAnswer, MailsAnswer, QuarantineAnswer, TellsAnswer } from "./answer.ts";
import type {
  DuplicatesRequest,
  ForgetRequest,
  MailsRequest,
  QuarantineRequest,
  TellsRequest,
} from "./request.ts";

/** Port: what a person decides about what is there. */
export interface DecisionStore {
  quarantine(request: QuarantineRequest): Promise<QuarantineAnswer>;
  duplicates(request: DuplicatesRequest): Promise<DuplicatesAnswer>;
  forget(request: ForgetRequest): Promise<ForgetAnswer>;
  tells(request: TellsRequest): Promise<TellsAnswer>;
  mails(request: MailsRequest): Promise<MailsAnswer>;
}
