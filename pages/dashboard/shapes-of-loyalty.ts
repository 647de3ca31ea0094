import { z } from "zod";

const Moment = z.string().nullable();

/** What `loyalty_overview` returns. */
export const Overview = z.object({
  currency: z.string(),
  computed_at: Moment,
  member_count: z.number(),
  scored_count: z.number(),
  without_segment_count: z.number(),
  suggestions: z.array(z.object({ member_id: z.string(), other_id: z.string(), reason: z.string() })),
  tiers: z.array(
    z.object({
      code: z.string(),
      threshold: z.number(),
      cashback_percent: z.number(),
      member_count: z.number(),
    }),
  ),
  segments: z.array(
    z.object({
      code: z.string(),
      r_from: z.number(),
      r_to: z.number(),
      f_from: z.number(),
      f_to: z.number(),
      m_from: z.number(),
      m_to: z.number(),
      member_count: z.number(),
      spend: z.number(),
    }),
  ),
  grid: z.array(
    z.object({
      r: z.number(),
      f: z.number(),
      member_count: z.number(),
      spend: z.number(),
      segment: z.string().nullable(),
    }),
  ),
});
export type Overview = z.infer<typeof Overview>;

/** Rows of `loyalty_tiers` and `loyalty_segments`, of which a list needs the names only. */
export const Tier = z.object({ code: z.string(), threshold: z.number() });
export const Segment = z.object({ code: z.string(), position: z.number() });

const Listed = z.object({
  id: z.string(),
  created_at: z.string(),
  tier: z.string(),
  balance: z.number(),
  segment: z.string().nullable(),
  recency_days: z.number().nullable(),
  order_count: z.number().nullable(),
  spend: z.number().nullable(),
  contacts: z.array(z.object({ provider: z.string(), value: z.string() })),
});
export type Listed = z.infer<typeof Listed>;
export const MemberPage = z.object({ rows: z.array(Listed), next: z.string().nullable() });

const Identity = z.object({ provider: z.string(), value: z.string(), created_at: z.string() });
export const Identities = z.array(Identity);

/** What `loyalty_member` returns. */
export const Member = z.object({
  id: z.string(),
  created_at: z.string(),
  forgotten_at: Moment,
  has_account: z.boolean(),
  currency: z.string(),
  is_mailable: z.boolean(),
  card: z.object({
    tier: z.string(),
    cashback_percent: z.number(),
    balance: z.number(),
    pending: z.number(),
    next_expiry_at: Moment,
    next_expiry_amount: z.number(),
  }),
  reached_tier: z.string(),
  tier_review_at: Moment,
  tier_warned_at: Moment,
  by_hand: z.object({ until: z.string(), reason: z.string().nullable() }).nullable(),
  tiers: z.array(z.string()),
  scores: z
    .object({
      recency_score: z.number(),
      frequency_score: z.number(),
      monetary_score: z.number(),
      segment: z.string().nullable(),
      recency_days: z.number(),
      frequency: z.number(),
      monetary: z.number(),
    })
    .nullable(),
  identities: Identities,
  orders: z.array(
    z.object({
      id: z.number(),
      at: z.string(),
      provider: z.string(),
      external_id: z.string(),
      amount: z.number(),
      refunded_amount: z.number(),
      currency: z.string(),
      percent: z.number().nullable(),
      paid_at: Moment,
      deleted_at: Moment,
      lacks_rate: z.boolean(),
    }),
  ),
  ledger: z.array(
    z.object({
      id: z.number(),
      at: z.string(),
      kind: z.string(),
      amount: z.number(),
      is_award: z.boolean(),
      available_at: Moment,
      expires_at: Moment,
      order_external_id: z.string().nullable(),
      provider: z.string().nullable(),
      action: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
  changes: z.array(
    z.object({
      id: z.number(),
      at: z.string(),
      event: z.string(),
      from_value: z.string().nullable(),
      to_value: z.string().nullable(),
    }),
  ),
  suggestions: z.array(z.object({ other_id: z.string(), reason: z.string() })),
  joins: z.array(z.object({ id: z.number(), other_id: z.string(), joined_at: z.string() })),
});
export type Member = z.infer<typeof Member>;

const Campaign = z.object({
  id: z.string(),
  segment: z.string().nullable(),
  subject: z.string(),
  state: z.string(),
  problem: z.string().nullable(),
  expected_count: z.number().nullable(),
  counted: z.number().nullable(),
  created_at: z.string(),
  confirmed_at: Moment,
  start_at: Moment,
  cancels: z.boolean(),
  audience_count: z.number(),
});
export type Campaign = z.infer<typeof Campaign>;
export const Campaigns = z.array(Campaign);

/** What `loyalty_campaign_preview` returns: a row of its own. */
export const CampaignPreview = z
  .array(
    z.object({
      recipient_count: z.number(),
      left_out_count: z.number(),
      body: z.string(),
      state: z.string(),
      sample: z.array(z.string()),
    }),
  )
  .length(1);
