import type { SmsAnswer } from "./answer.ts";
import type { SmsRequest } from "./request.ts";

/** Port: the queue of SMS, as a person looks after it. */
export interface SmsStore {
  sms(request: SmsRequest): Promise<SmsAnswer>;
}
