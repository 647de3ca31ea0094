import { z } from "zod";
import { Known } from "./our-records.ts";

const FoundDeal = z.object({
  id: z.int(),
  name: z.string(),
  pipeline_id: z.int().nullable(),
  pipeline: z.string().nullable(),
  status_id: z.int().nullable(),
  stage: z.string().nullable(),
  state: z.enum(["open", "won", "lost", "deleted"]),
  updated_at: z.string().nullable(),
  is_used: z.boolean(),
});
export type FoundDeal = z.infer<typeof FoundDeal>;

const FoundContact = z.object({
  id: z.int(),
  name: z.string(),
  emails: z.array(z.string()),
  phones: z.array(z.string()),
  updated_at: z.string().nullable(),
  /** By which this contact was found. */
  by: z.array(z.enum(["link", "email", "phone"])),
  is_used: z.boolean(),
  deals: z.array(FoundDeal),
});
export type FoundContact = z.infer<typeof FoundContact>;

/** Which contact and deal a next lead of the person would get, and why. */
const Choice = z.object({
  contact_id: z.int().nullable(),
  contact_why: z.enum(["link", "email", "phone", "none"]),
  deal_id: z.int().nullable(),
  /** `open`: that deal again; `won`: a note on it; `none`, `no_contact`, `route_says_deal`: a new one. */
  deal_why: z.enum(["open", "won", "none", "no_contact", "route_says_deal", "no_pipeline", "no_route"]),
  source: z.string().nullable(),
  route: z.string().nullable(),
  pipeline: z.string().nullable(),
});
export type Choice = z.infer<typeof Choice>;

/** Who somebody is. `reason` says why amoCRM could not be asked; then what is known of it is not all. */
export const FindAnswer = z.object({
  known: Known,
  reason: z.string().nullable(),
  contacts: z.array(FoundContact),
  choice: Choice.nullable(),
  warnings: z.array(z.string()),
});
export type FindAnswer = z.infer<typeof FindAnswer>;
