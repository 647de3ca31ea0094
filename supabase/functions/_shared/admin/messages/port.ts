import type { DeadLetter } from "./answer.ts";
import type { DeadRequest, RequeueDeadRequest } from "./request.ts";

/** Why the database does not do something with a message, in its words; null if it did. */
export type Refusal = string | null;

/** Port: single messages, and whether anything is sent at all. */
export interface MessageStore {
  /** The oldest that fit. */
  deadLetters(wanted: Omit<DeadRequest, "action">): Promise<DeadLetter[]>;
  /** How many are dead, by kind and error code. */
  deadCounts(): Promise<{ kind: string; error_code: string | null; count: number }[]>;
  /** What the error policies say, by error code. */
  explanations(): Promise<ReadonlyMap<string, string>>;
  requeue(id: number): Promise<Refusal>;
  cancel(id: number): Promise<Refusal>;
  requeueDead(wanted: Omit<RequeueDeadRequest, "action">): Promise<number>;
  pause(reason: string): Promise<void>;
  resume(): Promise<void>;
}
