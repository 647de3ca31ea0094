import { z } from "zod";

/** How one step of a setup ended. Only `refused` means that something asked for was not done. */
export const Step = z.object({
  step: z.string(),
  outcome: z.enum(["done", "unchanged", "warning", "refused"]),
  detail: z.string(),
});
export type Step = z.infer<typeof Step>;

/** `ok` is false if a step was refused. */
export const SetupAnswer = z.object({ ok: z.boolean(), steps: z.array(Step) });
export type SetupAnswer = z.infer<typeof SetupAnswer>;

/** The row of `amocrm_health`; times are ISO 8601 with an offset. */
export const Health = z.object({
  verdict: z.string(),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  version: z.string().nullable(),
  installed_at: z.string().nullable(),
  waiting_count: z.int(),
  uncertain_count: z.int(),
  dead_count: z.int(),
  oldest_waiting_at: z.string().nullable(),
  last_delivered_at: z.string().nullable(),
  last_drain_at: z.string().nullable(),
  unanswered_post_count: z.int().nullable(),
  missing: z.array(z.string()).nullable(),
  min_interval_ms: z.int().nullable(),
  interval_in_force_ms: z.int().nullable(),
  slow_reason: z.string().nullable(),
  breaker_code: z.string().nullable(),
  breaker_message: z.string().nullable(),
  breaker_probe_at: z.string().nullable(),
  paused_at: z.string().nullable(),
  pause_reason: z.string().nullable(),
  last_tick_at: z.string().nullable(),
});
export type Health = z.infer<typeof Health>;

/** A row of `amocrm_outbox_status`. */
export const OutboxRow = z.object({
  kind: z.string(),
  lane: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  message_count: z.int(),
  oldest_at: z.string().nullable(),
  next_attempt_at: z.string().nullable(),
});
export type OutboxRow = z.infer<typeof OutboxRow>;

/** `verdict`, `problem` and `remedy` are the database's, unless the functions themselves lack something. */
export const StatusAnswer = z.object({
  verdict: z.string(),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  health: Health,
  outbox: z.array(OutboxRow),
  duplicate_count: z.int(),
  dead_letter_count: z.int(),
});
export type StatusAnswer = z.infer<typeof StatusAnswer>;

/** Every answer with an HTTP status of 400 or more. */
export const ErrorAnswer = z.object({
  code: z.string(),
  message: z.string(),
  issues: z.array(z.string()).optional(),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;
