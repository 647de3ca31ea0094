import { z } from "zod";

const Status = z.object({
  state: z.string(),
  made_at: z.string().nullable(),
  checked_at: z.string().nullable(),
  problem_code: z.string().nullable(),
  healed_at: z.string().nullable(),
  is_healthy: z.boolean(),
  last_delivery_at: z.string().nullable(),
  deliveries_hour: z.int(),
  duplicates_hour: z.int(),
  deliveries_day: z.int(),
  duplicates_day: z.int(),
  unreadable_count: z.int(),
  foreign_count: z.int(),
  waiting_count: z.int(),
  by_hooks_day: z.int(),
  by_pulls_only_day: z.int(),
});

/** How the subscription stands in amoCRM and here; `problem` says why it is not as it was wished, or could not be looked at. */
export const WebhookAnswer = z.object({
  mode: z.enum(["on", "off", "status"]),
  subscription: z.enum(["on", "off", "disabled", "missing", "unknown"]),
  problem: z.object({ code: z.string(), message: z.string() }).nullable(),
  status: Status,
});
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;
