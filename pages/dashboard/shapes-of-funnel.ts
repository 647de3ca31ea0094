import { z } from "zod";

const FunnelCounts = z.object({
  leads: z.number(),
  people: z.number(),
  delivered_to_crm: z.number(),
  mails_opened: z.number(),
  human_clicks: z.number(),
  deals: z.number(),
  moved: z.number(),
  deals_won: z.number(),
  deals_lost: z.number(),
  revenue: z.number(),
  median_minutes: z.number().nullable(),
});
export type FunnelCounts = z.infer<typeof FunnelCounts>;

const FunnelRow = FunnelCounts.extend({ name: z.string() });
export type FunnelRow = z.infer<typeof FunnelRow>;

/** What `landing_funnel_sums` returns; the total is null where there was no lead. */
export const Funnel = z.object({
  total: FunnelCounts.nullable(),
  rows: z.array(FunnelRow),
  sources: z.array(z.string()),
  folded_at: z.string().nullable(),
  time_zone: z.string(),
});
export type Funnel = z.infer<typeof Funnel>;
