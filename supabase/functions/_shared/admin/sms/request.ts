import { z } from "zod";

const Action = z.literal("sms");
const Ids = z.array(z.int().positive()).min(1).max(1000);

/**
 * SMS. `status` tells how the queue is, `list` what is dead or waits, `held` what waits for a person, whom `release` lets go
 * or cancels. `again` sends what was looked for in vain, on a person's word. `preview` tells what a text would cost.
 */
export const SmsRequest = z.discriminatedUnion("mode", [
  z.strictObject({ action: Action, mode: z.literal("status") }),
  z.strictObject({
    action: Action,
    mode: z.literal("list"),
    limit: z.int().min(1).max(10_000).default(1000),
  }),
  z.strictObject({ action: Action, mode: z.literal("held") }),
  z.strictObject({
    action: Action,
    mode: z.literal("release"),
    /** Null for all. */
    id: z.int().positive().nullable().default(null),
    cancel: z.boolean().default(false),
  }),
  z.strictObject({ action: Action, mode: z.literal("again"), ids: Ids }),
  z.strictObject({
    action: Action,
    mode: z.literal("preview"),
    /** The code of texts in followup_templates; null for a text that the caller has. */
    template: z.string().trim().min(1).max(60).nullable().default(null),
  }),
  z.strictObject({
    action: Action,
    mode: z.literal("pause"),
    reason: z.string().trim().min(1).max(500),
  }),
  z.strictObject({ action: Action, mode: z.literal("resume") }),
]);
export type SmsRequest = z.output<typeof SmsRequest>;
