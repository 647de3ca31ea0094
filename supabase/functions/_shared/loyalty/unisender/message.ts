import { z } from "zod";

/** A claimed contact, with what is to be done about it as things are now. */
export const ContactMessage = z.object({
  id: z.int(),
  email: z.string(),
  tags: z.array(z.string()),
  action: z.enum(["upsert", "remove", "delete", "none"]),
});
export type ContactMessage = z.infer<typeof ContactMessage>;

/** A claimed campaign. */
export const CampaignMessage = z.object({
  id: z.int(),
  campaignId: z.string(),
  /** The request that creates it went out, and its outcome is not known: it is looked for and not created. */
  isInDoubt: z.boolean(),
  lookCount: z.int(),
  subject: z.string(),
  body: z.string(),
  tag: z.string(),
  /** The mail that Unisender made of it. */
  messageId: z.string().nullable(),
  startAtMs: z.number().nullable(),
});
export type CampaignMessage = z.infer<typeof CampaignMessage>;
