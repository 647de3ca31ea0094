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
  /** The values or tags that were told are written. */
  written: z.boolean().optional(),
  /** Which of the values amoCRM refused, so that they go into the note. */
  refused: z.array(z.string()).optional(),
  /** What the contact has too many of, so that the person's goes into the note. */
  crowded: z.array(z.enum(["email", "phone"])).optional(),
  /** What the contact got by this message: a manager may doubt it, since whoever knows an address can add a phone to it. */
  added: z.array(z.enum(["email", "phone"])).optional(),
  /** What amoCRM did not show although we know its id; a second time it counts as deleted. */
  missing: z.array(z.string()).optional(),
  /** When that was noticed, in milliseconds by amoCRM's clock. */
  missingAtMs: z.number().optional(),
  /** The contact of somebody else that has the phone: once there is one of this person, the two are listed. */
  strangerId: z.int().optional(),
  /** Contacts that amoCRM finds and does not take for a deal: its search may be older than their deletion. */
  refusedContactIds: z.array(z.int()).optional(),
  /** The request was refused for another item's sake, so that one more look is enough before it is sent again. */
  refusedAlong: z.boolean().optional(),
  /** A refusal named none of those it was sent with: in the company of that many at most it is created from then on. */
  companyLimit: z.int().min(1).optional(),
  /** When amoCRM first did not show such a request as done, in milliseconds by amoCRM's clock. */
  absentAtMs: z.number().optional(),
  /** How often an unanswered request was looked for without being found. */
  lookCount: z.int().optional(),
  /** Looking did not tell, and it was left to a person: whoever requeued it has looked in amoCRM. */
  isGivenUp: z.boolean().optional(),
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
  /** The same request failed for it too often while it was answered for others: likewise. */
  failsAlone: z.boolean(),
  /** How often in a row it ended with the same error. */
  errorCount: z.int(),
  /** How often a create failed with it and others in one request. */
  companyFaultCount: z.int(),
  sentAt: z.string().nullable(),
  createdAt: z.string(),
  /** The normalised e-mail and phone, if they are this person's own and not another's. */
  emailKey: z.string().nullable(),
  phoneKey: z.string().nullable(),
  /** Every e-mail of the person: a contact with another one is somebody else's, whatever its phone. */
  personEmails: z.array(z.string()).default([]),
  /** What a correction took from the person and we had put on the card. */
  takesOff: z.partialRecord(z.enum(["email", "phone"]), z.string()).default({}),
  subjectTable: z.string(),
  subjectId: z.string(),
  contactId: z.int().nullable(),
  dealId: z.int().nullable(),
  /** Null when the row was deleted since. */
  subject: z.record(z.string(), z.unknown()).nullable(),
});
export type Message = z.infer<typeof Message>;
