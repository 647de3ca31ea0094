import { z } from "zod";
import { Mails } from "../decisions/answer.ts";
import { MessagesAnswer } from "../messages/answer.ts";

/** What of `sms_health` an operator is told. */
export const SmsHealth = z.object({
  verdict: z.string(),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  waiting_count: z.int(),
  held_count: z.int(),
  uncertain_count: z.int(),
  dead_count: z.int(),
  oldest_waiting_at: z.string().nullable(),
  last_delivered_at: z.string().nullable(),
  balance: z.number().nullable(),
  currency: z.string().nullable(),
  balance_checked_at: z.string().nullable(),
});

/** Rows of `sms_held`. */
export const HeldSms = z.array(
  z.object({
    message_id: z.int(),
    kind: z.string(),
    subject_id: z.string(),
    reason: z.string().nullable(),
    held_since: z.string(),
  }),
);

/** A text of followup_templates that goes by SMS. */
export const SmsTexts = z.array(z.object({ language: z.enum(["ru", "kk", "en"]), body: z.string() }));

/** How the queue is, the SMS that are meant, or what was done. Whom an SMS is for is not told. */
export const SmsAnswer = z.discriminatedUnion("mode", [
  z.object({
    mode: z.literal("status"),
    health: SmsHealth,
    /** How many SMS of the last day a moderator or an operator declined; counting stops at 1000. */
    declined_count: z.int(),
  }),
  z.object({ mode: z.literal("list"), sms: Mails }),
  z.object({ mode: z.literal("held"), held: HeldSms }),
  z.object({ mode: z.literal("release"), message_count: z.int() }),
  z.object({ mode: z.literal("again"), ...MessagesAnswer.shape }),
  z.object({
    mode: z.literal("preview"),
    max_parts: z.int(),
    /** Where short links lead from, without their code. */
    link_base: z.string(),
    texts: SmsTexts,
  }),
  z.object({ mode: z.literal("pause") }),
  z.object({ mode: z.literal("resume") }),
]);
export type SmsAnswer = z.infer<typeof SmsAnswer>;
