/** What the pace says to a wish to send. */
export type SlotAnswer =
  | { granted: true; waitedMs: number }
  | { granted: false; code: string; message: string; waitMs: number | null };

/** The purpose of a slot for the token endpoint, which pause and breaker let through: without a token all would end. */
export const TOKEN_PURPOSE = "token";

/** Port: the account's pace. `take` resolves at the moment the request may leave, or when it must not. */
export interface Slots {
  take(purpose: string): Promise<SlotAnswer>;
}
