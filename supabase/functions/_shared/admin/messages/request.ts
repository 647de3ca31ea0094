import { z } from "zod";

const Name = z.string().trim().min(1).max(255);
/** Ids of amocrm_outbox. */
const Ids = z.array(z.int().positive()).min(1).max(500);
/** Which of the dead are meant; null for all. */
const Filter = { kind: Name.nullable().default(null), error_code: Name.nullable().default(null) };

/** Which messages are dead, and why; changes nothing. */
export const DeadRequest = z.strictObject({
  action: z.literal("dead"),
  ...Filter,
  /** How many are listed; all are counted. */
  limit: z.int().min(1).max(1000).default(200),
});
export type DeadRequest = z.output<typeof DeadRequest>;

/** Tries messages again, by id. */
export const RequeueRequest = z.strictObject({ action: z.literal("requeue"), ids: Ids });

/** Tries dead messages again, oldest first. */
export const RequeueDeadRequest = z.strictObject({
  action: z.literal("requeue_dead"),
  ...Filter,
  limit: z.int().min(1).max(10_000).default(1000),
});
export type RequeueDeadRequest = z.output<typeof RequeueDeadRequest>;

/** Takes messages out for good, by id. */
export const CancelRequest = z.strictObject({ action: z.literal("cancel"), ids: Ids });

/** Stops sending to amoCRM; the reason is for whoever comes next. */
export const PauseRequest = z.strictObject({
  action: z.literal("pause"),
  reason: z.string().trim().min(1).max(500),
});

/** Goes on sending, and probes at once if the breaker is open. */
export const ResumeRequest = z.strictObject({ action: z.literal("resume") });
