import { z } from "zod";
import { OpenAlert } from "../watch/report.ts";

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
  breaker_opened_at: z.string().nullable(),
  paused_at: z.string().nullable(),
  pause_reason: z.string().nullable(),
  last_tick_at: z.string().nullable(),
  last_pull_at: z.string().nullable(),
  mirror_complete: z.boolean().nullable(),
  token_state: z.string().nullable(),
  token_expires_at: z.string().nullable(),
  refresh_expires_at: z.string().nullable(),
  notice: z.string().nullable(),
  last_lead_at: z.string().nullable(),
  usual_lead_count: z.int().nullable(),
  is_silence_unusual: z.boolean().nullable(),
  last_live_at: z.string().nullable(),
  last_backfill_at: z.string().nullable(),
  backlog_done_at: z.string().nullable(),
  token_uptime: z.number().nullable(),
  quarantined_count: z.int(),
  oldest_quarantined_at: z.string().nullable(),
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
  /** There are more than `message_count`: counting stops at a bound. */
  is_more: z.boolean(),
});
export type OutboxRow = z.infer<typeof OutboxRow>;

/** What of `message_health` an operator is told: whether mails go out. */
export const MailHealth = z.object({
  verdict: z.string(),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  notice: z.string().nullable(),
  waiting_count: z.int(),
  uncertain_count: z.int(),
  dead_count: z.int(),
  oldest_waiting_at: z.string().nullable(),
});
export type MailHealth = z.infer<typeof MailHealth>;

/** Leads that were saved without a message and wait for a person's decision; null if there are none. */
export const Quarantine = z.object({
  lead_count: z.int(),
  oldest_at: z.string().nullable(),
  remedy: z.string(),
});
export type Quarantine = z.infer<typeof Quarantine>;

/** `verdict`, `problem` and `remedy` are the database's, unless the functions themselves lack something. */
export const StatusAnswer = z.object({
  verdict: z.string(),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  health: Health,
  outbox: z.array(OutboxRow),
  duplicate_count: z.int(),
  dead_letter_count: z.int(),
  open_alerts: z.array(OpenAlert),
  quarantine: Quarantine.nullable(),
  mail: MailHealth,
});
export type StatusAnswer = z.infer<typeof StatusAnswer>;

/** An address by which alerts go around the functions, by its name in Vault; null where there is none, or nothing wrong. */
export const AlertRoad = z.object({
  name: z.enum(["amocrm_alert_url", "amocrm_dead_man_url"]),
  host: z.string().nullable(),
  problem: z.string().nullable(),
});
export type AlertRoad = z.infer<typeof AlertRoad>;

/** What a backfill would take, with its requests and minutes at the pace in force. */
export const BackfillEstimate = z.object({
  message_count: z.int(),
  request_count: z.int(),
  interval_ms: z.int(),
  minutes: z.number(),
});
export type BackfillEstimate = z.infer<typeof BackfillEstimate>;

/** A backfill that has been enqueued; it goes on by itself. */
export const BackfillStarted = z.object({ enqueued_count: z.int() });
export type BackfillStarted = z.infer<typeof BackfillStarted>;

/** The latest run of one entity; `pages_left` is an estimate, null while nobody can tell. */
const PullRun = z.object({
  id: z.int(),
  kind: z.enum(["first", "window", "since"]),
  state: z.enum(["running", "done", "failed"]),
  started_at: z.string(),
  ended_at: z.string().nullable(),
  page_count: z.int(),
  new_count: z.int(),
  changed_count: z.int(),
  deleted_count: z.int(),
  pages_left: z.int().nullable(),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
});

/** How pulling stands: `hindrance` says why nothing can be at work. */
export const PullProgress = z.object({
  is_working: z.boolean(),
  is_due: z.boolean(),
  hindrance: z.string().nullable(),
  interval_ms: z.int(),
  entities: z.array(
    z.object({
      entity: z.enum(["contact", "deal"]),
      is_complete: z.boolean(),
      is_waiting: z.boolean(),
      changed_until: z.string().nullable(),
      pulled_at: z.string().nullable(),
      /** How many the mirror holds, once all is read; null while it is being read. */
      total_count: z.int().nullable().default(null),
      run: PullRun.nullable(),
    }),
  ),
});
export type PullProgress = z.infer<typeof PullProgress>;

/** A stage; `used_by` are the rows of ours that name it. */
export const PipelineStage = z.object({
  id: z.int(),
  name: z.string(),
  type: z.enum(["unsorted", "open", "won", "lost"]),
  used_by: z.array(z.string()),
});
export type PipelineStage = z.infer<typeof PipelineStage>;

/** The account's pipelines in its order, or in words why it could not be asked. */
export const PipelinesAnswer = z.object({
  pipelines: z
    .array(
      z.object({
        id: z.int(),
        name: z.string(),
        is_main: z.boolean(),
        is_archive: z.boolean(),
        /** Rows that leave the stage to the pipeline. */
        used_by: z.array(z.string()),
        stages: z.array(PipelineStage),
      }),
    )
    .nullable(),
  reason: z.string().nullable(),
});
export type PipelinesAnswer = z.infer<typeof PipelinesAnswer>;
/** A link with which somebody connects amoCRM in a browser, or what stands in the way. */
export const ConnectAnswer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("ready"),
    url: z.string(),
    link_id: z.int(),
    expires_at: z.string(),
    redirect_uri: z.string(),
    warnings: z.array(z.string()),
  }),
  z.object({
    outcome: z.literal("refused"),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
  }),
]);
export type ConnectAnswer = z.infer<typeof ConnectAnswer>;

/** The connected account, without its tokens, and the link that was asked about. */
export const ConnectionAnswer = z.object({
  account: z
    .object({
      state: z.enum(["connected", "refreshing", "reauth_required"]),
      access: z.enum(["oauth", "long_lived"]),
      host: z.string(),
      account_id: z.int().nullable(),
      subdomain: z.string().nullable(),
      access_expires_at: z.string().nullable(),
      refresh_expires_at: z.string().nullable(),
      connected_at: z.string(),
    })
    .nullable(),
  link: z
    .object({
      state: z.enum(["open", "used", "expired"]),
      expires_at: z.string(),
      last_outcome: z.string().nullable(),
    })
    .nullable(),
});
export type ConnectionAnswer = z.infer<typeof ConnectionAnswer>;

/** Every answer with an HTTP status of 400 or more. */
export const ErrorAnswer = z.object({
  code: z.string(),
  message: z.string(),
  issues: z.array(z.string()).optional(),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;
