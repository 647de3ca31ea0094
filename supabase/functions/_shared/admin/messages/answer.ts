import { z } from "zod";

/** A row of `amocrm_dead_letters`, without what the group already says. */
export const DeadLetter = z.object({
  id: z.int(),
  kind: z.string(),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  attempt_count: z.int(),
  subject_table: z.string(),
  subject_id: z.string(),
  created_at: z.string(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** The dead by error code, the most frequent first. `letters` are the oldest of them; `letter_count` counts all. */
export const DeadAnswer = z.object({
  dead_count: z.int(),
  groups: z.array(
    z.object({
      error_code: z.string().nullable(),
      letter_count: z.int(),
      /** What the error policy says: what it means, and what to do. Null for a code without a row of its own. */
      explanation: z.string().nullable(),
      letters: z.array(DeadLetter),
    }),
  ),
});
export type DeadAnswer = z.infer<typeof DeadAnswer>;

/** What became of each message that was named; `ok` is false if one was refused. */
export const MessagesAnswer = z.object({
  ok: z.boolean(),
  messages: z.array(
    z.object({ id: z.int(), outcome: z.enum(["done", "refused"]), reason: z.string().nullable() }),
  ),
});
export type MessagesAnswer = z.infer<typeof MessagesAnswer>;

/** How many of the dead are tried again. */
export const RequeuedAnswer = z.object({ requeued_count: z.int() });
export type RequeuedAnswer = z.infer<typeof RequeuedAnswer>;

/** Whether sending is paused now, and why. */
export const PausedAnswer = z.object({ paused: z.boolean(), reason: z.string().nullable() });
export type PausedAnswer = z.infer<typeof PausedAnswer>;
