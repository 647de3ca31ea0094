import { z } from "zod";
import { Configuration, MappedField } from "../../amocrm/configuration.ts";
import { AlertRoad, OutboxRow } from "../answer.ts";

export const Answered = z
  .object({ status_code: z.int().nullable(), error: z.string().nullable() })
  .nullable();
/** How a call through pg_net ended; null as long as it has not. */
export type Answered = z.infer<typeof Answered>;

/** A pipeline as it was last read: what has been deleted since is known here by its name. */
const KnownPipeline = z.object({
  pipeline_id: z.int(),
  name: z.string(),
  stages: z.array(z.object({ id: z.int(), name: z.string() })),
});

/** What `amocrm_doctor_facts` answers: null parts could not be read, because their extension is not there. */
export const DoctorFacts = z.object({
  clock: z.string(),
  installation: z.object({ installed_at: z.string(), version: z.string() }).nullable(),
  extensions: z.array(z.string()),
  triggers: z.array(z.object({ table: z.string(), name: z.string(), is_enabled: z.boolean() })),
  jobs: z
    .array(
      z.object({
        name: z.string(),
        is_active: z.boolean(),
        last_started_at: z.string().nullable(),
        last_status: z.string().nullable(),
        last_message: z.string().nullable(),
        last_succeeded_at: z.string().nullable(),
      }),
    )
    .nullable(),
  /** Cron's run log was restored without its sequence. */
  run_log_clashes: z.boolean(),
  vault: z
    .object({ is_readable: z.boolean(), functions_url: z.string().nullable(), has_key: z.boolean() })
    .nullable(),
  call_id: z.int().nullable(),
  alert_roads: z.array(AlertRoad),
  heartbeats: z.array(
    z.object({
      component: z.string(),
      state: z.string(),
      detail: z.string().nullable(),
      last_seen_at: z.string().nullable(),
      unanswered_post_count: z.int(),
      answer: Answered.optional(),
    }),
  ),
  account: z
    .object({
      host: z.string(),
      access: z.string(),
      state: z.string(),
      account_id: z.int().nullable(),
      access_expires_at: z.string().nullable(),
      refresh_expires_at: z.string().nullable(),
      failure_count: z.int(),
      last_error_code: z.string().nullable(),
      is_readable: z.boolean(),
    })
    .nullable(),
  /** The project that sends from this database; null if nothing has been sent yet. */
  residence: z.object({ project: z.string(), is_restored: z.boolean() }).nullable(),
  control: z.object({
    paused_at: z.string().nullable(),
    pause_reason: z.string().nullable(),
    breaker_code: z.string().nullable(),
    breaker_probe_at: z.string().nullable(),
    breaker_opened_at: z.string().nullable(),
    batch_size_in_force: z.int().nullable(),
    interval_in_force_ms: z.int(),
  }),
  configuration: Configuration.omit({ pipelines: true, fields_to_read: true }).extend({
    fields: z.array(MappedField),
    settings: z.object({ min_interval_ms: z.int(), batch_size: z.int(), pull_interval_seconds: z.int() }),
    pipelines: z.array(KnownPipeline),
  }),
  /** Why the drain could not make the marker field; null if it could or has not tried. */
  marker_error: z.string().nullable(),
  messages: z.array(OutboxRow),
  /** Active students whose account has another address than their row. */
  login_differs_count: z.int(),
  duplicate_count: z.int(),
  /** How the subscription to amoCRM's hooks stands. */
  webhook_state: z.enum(["off", "on", "broken"]),
  /** Posted forms that fit no lead. */
  unmapped_form_count: z.int(),
  /** What of sequences and SMS is in use; unknown to older databases. */
  channels: z
    .object({
      has_sms_steps: z.boolean(),
      has_mail_steps: z.boolean(),
      sms_waiting_count: z.int(),
      /** What is only half set up, one a line. */
      notice: z.string().nullable(),
    })
    .default({ has_sms_steps: false, has_mail_steps: false, sms_waiting_count: 0, notice: null }),
  mirror: z.array(
    z.object({
      entity: z.string(),
      is_complete: z.boolean(),
      pulled_at: z.string().nullable(),
      failure_count: z.int(),
    }),
  ),
});
export type DoctorFacts = z.infer<typeof DoctorFacts>;
