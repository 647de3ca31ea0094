import { z } from "zod";

/** What has been reached in amoCRM for one message; a resumed message repeats none of it. */
export const Progress = z.looseObject({
  /** How the deal was found: made for this message, or one that was there. */
  deal: z.enum(["created", "reused"]).optional(),
  /** The deal that was reused is won: it gets a note and nothing else. */
  isWon: z.boolean().optional(),
  /** The deal was moved to the event's stage; where it stands now is a manager's business. */
  moved: z.boolean().optional(),
  note: z.boolean().optional(),
  task: z.boolean().optional(),
  contactUpdated: z.boolean().optional(),
  /** How often an unanswered request was looked for without being found. */
  lookCount: z.int().optional(),
});
export type Progress = z.infer<typeof Progress>;

/** A claimed message, as `amocrm_drain_claim` tells it: with the row it is about as that row is now. */
export const Message = z.object({
  id: z.int(),
  kind: z.string(),
  lane: z.enum(["live", "backfill"]),
  personId: z.int(),
  /** The request whose answer is not known; then the message was uncertain and is looked up first. */
  step: z.string().nullable(),
  progress: Progress,
  payload: z.record(z.string(), z.unknown()),
  attemptCount: z.int(),
  /** Its worker died too often with it alone: what it left unanswered is looked for, and not sent again. */
  isPoison: z.boolean(),
  sentAt: z.string().nullable(),
  createdAt: z.string(),
  /** The normalised e-mail and phone, if they are this person's own and not another's. */
  emailKey: z.string().nullable(),
  phoneKey: z.string().nullable(),
  subjectTable: z.string(),
  subjectId: z.string(),
  contactId: z.int().nullable(),
  dealId: z.int().nullable(),
  /** Null when the row was deleted since. */
  subject: z.record(z.string(), z.unknown()).nullable(),
});
export type Message = z.infer<typeof Message>;
