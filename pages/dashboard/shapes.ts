import { z } from "zod";

const Moment = z.string().nullable();
const Counted = z.record(z.string(), z.number());

const ErrorGroup = z.object({
  error_group: z.string(),
  kind: z.string(),
  error_code: z.string(),
  message: z.string().nullable(),
  message_count: z.number(),
  is_more: z.boolean(),
  states: Counted,
  newest_id: z.number(),
  newest_at: z.string(),
  oldest_at: z.string(),
});

/** At, in, delivered, dead, failed. */
const Slot = z.tuple([z.string(), z.number(), z.number(), z.number(), z.number()]);

export const FirstScreen = z.object({
  at: z.string(),
  version: z.string(),
  may_change: z.boolean(),
  alive: z.object({
    verdict: z.string(),
    problem: z.string().nullable(),
    remedy: z.string().nullable(),
    notice: z.string().nullable(),
    is_working: z.boolean(),
    last_tick_at: Moment,
    last_drain_at: Moment,
    last_delivered_at: Moment,
    last_lead_at: Moment,
    oldest_waiting_at: Moment,
    breaker_code: z.string().nullable(),
    paused_at: Moment,
  }),
  flow: z.object({
    window_minutes: z.number(),
    since: z.string(),
    minutes: z.array(Slot),
    waiting_count: z.number(),
    is_estimate: z.boolean(),
    done_at: Moment,
  }),
  errors: z.array(ErrorGroup),
  person: Counted,
});
export type FirstScreen = z.infer<typeof FirstScreen>;

export const Message = z.object({
  id: z.number(),
  queue: z.string(),
  kind: z.string(),
  state: z.string(),
  lane: z.string(),
  attempt_count: z.number(),
  created_at: z.string(),
  next_attempt_at: Moment,
  delivered_at: Moment,
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  error_group: z.string().nullable(),
  person_id: z.number().nullable(),
  subject_id: z.string(),
  contact_id: z.number().nullable(),
  deal_id: z.number().nullable(),
  warning_count: z.number(),
  who: z.string().nullable(),
  source: z.string().nullable(),
});
export type Message = z.infer<typeof Message>;

export const MessagePage = z.object({ rows: z.array(Message), next: z.number().nullable() });
export const MessageCount = z.object({
  count: z.number(),
  is_more: z.boolean(),
  states: Counted,
  kinds: Counted,
});

export const MessageDetail = Message.extend({
  progress: z.record(z.string(), z.unknown()),
  step: z.string().nullable(),
  blocked_by: z.number().nullable(),
  explanation: z.string().nullable(),
  account_host: z.string().nullable(),
  warnings: z.array(z.object({ code: z.string().nullable(), message: z.string().nullable() })),
  attempts: z.array(
    z.object({
      started_at: z.string(),
      ended_at: z.string(),
      state: z.string(),
      error_code: z.string().nullable(),
      wait_ms: z.number().nullable(),
    }),
  ),
  requests: z.array(
    z.object({
      at: z.string(),
      method: z.string(),
      path: z.string(),
      http_status: z.number().nullable(),
      verdict: z.string(),
      duration_ms: z.number(),
    }),
  ),
  actions: z.array(z.object({ at: z.string(), action: z.string(), actor: z.string() })),
});
export type MessageDetail = z.infer<typeof MessageDetail>;

export const Person = z.object({
  person_ids: z.array(z.number()),
  account_host: z.string().nullable(),
  subjects: z.array(
    z.object({
      what: z.enum(["lead", "student"]),
      id: z.string(),
      created_at: z.string(),
      source: z.string().nullable(),
      name: z.string().nullable(),
      email: z.string().nullable(),
      phone: z.string().nullable(),
      contact_id: z.number().nullable(),
      deal_id: z.number().nullable(),
    }),
  ),
  next: z.array(
    z.object({
      sequence: z.string(),
      step: z.string(),
      channel: z.string(),
      state: z.string(),
      reason: z.string().nullable(),
      message_id: z.number().nullable(),
      template: z.string(),
      is_paused: z.boolean(),
      expected_at: z.string(),
    }),
  ),
  certificates: z.array(z.object({ number: z.string(), issued_at: z.string(), code: z.string().nullable() })),
  quarantined: z.array(z.object({ reason: z.string(), at: z.string() })),
  events: z.array(
    z.object({
      at: Moment,
      event: z.string(),
      detail: z.string().nullable(),
      message_id: z.number().nullable(),
      deal_id: z.number().nullable(),
    }),
  ),
});
export type Person = z.infer<typeof Person>;

const Percentile = z.object({
  kind: z.string(),
  measure: z.enum(["wait", "run"]),
  message_count: z.number(),
  half_ms: z.number(),
  most_ms: z.number(),
  nearly_all_ms: z.number(),
});

export const Pace = z.object({
  percentiles: z.object({
    amocrm: z.record(z.string(), z.array(Percentile)),
    message: z.record(z.string(), z.array(Percentile)),
    sms: z.record(z.string(), z.array(Percentile)),
  }),
  hours: z.array(Slot),
  requests: z.array(
    z.object({
      hour: z.string(),
      request_count: z.number(),
      rate_limited_count: z.number(),
      slot_share: z.number(),
    }),
  ),
  pace: z.object({
    min_interval_ms: z.number(),
    interval_in_force_ms: z.number(),
    slow_reason: z.string().nullable(),
    breaker_code: z.string().nullable(),
    breaker_message: z.string().nullable(),
    breaker_probe_at: Moment,
  }),
  connection: z.object({
    token_state: z.string().nullable(),
    token_expires_at: Moment,
    refresh_expires_at: Moment,
    last_pull_at: Moment,
    mirror_complete: z.boolean().nullable(),
    webhook_state: z.string().nullable(),
    last_delivery_at: Moment,
  }),
  queues: z.array(
    z.object({
      queue: z.string(),
      last_seen_at: Moment,
      state: z.string().nullable(),
      paused_at: Moment,
      breaker_code: z.string().nullable(),
    }),
  ),
  marks: z.array(z.object({ at: z.string(), what: z.string(), name: z.string() })),
});
export type Pace = z.infer<typeof Pace>;

export const BulkJob = z.object({
  id: z.number(),
  action: z.string(),
  filter: z.record(z.string(), z.unknown()),
  state: z.enum(["running", "stopped", "done"]),
  created_at: z.string(),
  ended_at: Moment,
  message_count: z.number(),
  done_count: z.number(),
  left_count: z.number(),
  left_alone: z.array(z.object({ id: z.number(), was: z.string(), result: z.string() })),
});

export const Preview = z.object({
  count: z.number(),
  is_more: z.boolean(),
  kinds: Counted,
  oldest_at: Moment,
  samples: z.array(Message),
});

export const Duplicate = z.object({
  id: z.number(),
  type: z.string(),
  kept_id: z.number(),
  other_id: z.number(),
  reason: z.string(),
  found_at: z.string(),
});
export const Quarantined = z.object({
  reason: z.string(),
  source: z.string().nullable(),
  email_domain: z.string().nullable(),
  lead_count: z.number(),
  first_at: z.string(),
  last_at: z.string(),
});
export const Unmapped = z.object({
  id: z.number(),
  source: z.string(),
  received_at: z.string(),
  reason: z.string().nullable(),
  fields: z.unknown(),
  remedy: z.string(),
});
export const Held = z.object({
  message_id: z.number(),
  amocrm_deal_id: z.number().nullable(),
  kind: z.string(),
  held_since: z.string(),
  behind_count: z.number(),
});
