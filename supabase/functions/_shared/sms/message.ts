import { z } from "zod";

/** The admin's settings for SMS. */
export const SmsSettings = z.object({
  sender: z.string().nullable(),
  maxParts: z.int(),
  /** The zone of the times that an SMS tells. */
  timeZone: z.string(),
});
export type SmsSettings = z.infer<typeof SmsSettings>;

/** A claimed message of the queue of SMS, as `sms_drain_claim` tells it. */
export const SmsMessage = z.object({
  id: z.int(),
  kind: z.string(),
  payload: z.record(z.string(), z.unknown()),
  /** E.164. */
  phone: z.string().nullable(),
  /** A request went out whose outcome is not known: it is looked for and not sent. */
  isInDoubt: z.boolean(),
  lookCount: z.int(),
  /** The task that Mobizon made of the last request. */
  taskId: z.string().nullable(),
  /** The name of the last request's campaign. */
  campaign: z.string(),
  knownCampaigns: z.array(z.string()),
  /** What the kind's area tells besides, for its composer. */
  details: z.unknown(),
});
export type SmsMessage = z.infer<typeof SmsMessage>;
