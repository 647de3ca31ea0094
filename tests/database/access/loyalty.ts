import type { CallerName, Rights } from "./expectations.ts";

const READ: Rights = { select: true };
const ALL: Rights = { select: true, insert: "all", update: true, delete: true };
const NOBODY = { anon: {}, student: {}, manager: {}, admin: {} };
const ADMIN_VIEW = { ...NOBODY, admin: READ, service_role: READ };
const signedIn = (service: Rights) => ({
  anon: {},
  student: READ,
  manager: READ,
  admin: READ,
  service_role: service,
});
const serviceOnly = (service: Rights) => ({ ...NOBODY, service_role: service });

/** Which rows the signed-in see is up to the policies: loyalty/members.test.ts. */
export const LOYALTY_RELATIONS: Record<string, Record<CallerName, Rights>> = {
  loyalty_settings: signedIn({ select: true, update: true }),
  loyalty_tiers: signedIn(ALL),
  loyalty_rates: serviceOnly(ALL),
  loyalty_members: signedIn(ALL),
  loyalty_identities: signedIn(ALL),
  loyalty_join_suggestions: signedIn(ALL),
  loyalty_joins: signedIn(READ),
  loyalty_points: signedIn(READ),
  loyalty_orders: signedIn({ select: true, insert: "all", update: true }),
  loyalty_changes: signedIn(READ),
  loyalty_balance: signedIn(READ),
  loyalty_card: signedIn(READ),
  loyalty_contacts: ADMIN_VIEW,
  loyalty_rfm: signedIn(READ),
  loyalty_rfm_thresholds: signedIn(ALL),
  loyalty_segments: signedIn(ALL),
  loyalty_award_rules: signedIn(ALL),
  loyalty_campaigns: signedIn(READ),
  loyalty_timepad_events: serviceOnly(ALL),
  unisender_outbox: serviceOnly(READ),
  unisender_dead_letters: ADMIN_VIEW,
};

const SERVICE: CallerName[] = ["service_role"];
const ADMINS: CallerName[] = ["admin", "service_role"];
const SIGNED_IN: CallerName[] = ["student", "manager", "admin"];

export const LOYALTY_FUNCTIONS: Record<string, CallerName[]> = {
  loyalty_spend: SERVICE,
  loyalty_refund: SERVICE,
  loyalty_adjust: ADMINS,
  loyalty_tier_set: ADMINS,
  loyalty_join: ADMINS,
  loyalty_unjoin: ADMINS,
  loyalty_recompute: SERVICE,
  loyalty_pull_begin: SERVICE,
  loyalty_pull_store: SERVICE,
  loyalty_pull_due: SERVICE,
  loyalty_pull_touch: SERVICE,
  loyalty_pull_end: SERVICE,
  loyalty_campaign_create: ADMINS,
  loyalty_campaign_preview: ADMINS,
  loyalty_campaign_confirm: ADMINS,
  loyalty_campaign_cancel: ADMINS,
  loyalty_campaign_list: ADMINS,
  loyalty_is_in_use: ADMINS,
  loyalty_overview: ADMINS,
  loyalty_member_list: ADMINS,
  loyalty_member: ADMINS,
  loyalty_member_reveal: ADMINS,
  loyalty_timepad_due: SERVICE,
  loyalty_import: SERVICE,
  loyalty_import_csv: SERVICE,
  unisender_list_store: SERVICE,
  unisender_drain_begin: SERVICE,
  unisender_drain_claim: SERVICE,
  unisender_campaign_draft: SERVICE,
  unisender_campaign_intend: SERVICE,
  unisender_drain_settle: SERVICE,
  unisender_looks_due: SERVICE,
  unisender_record_look: SERVICE,
  unisender_record_unsubscribed: SERVICE,
  unisender_unsubscribed_read: SERVICE,
  unisender_record_events: SERVICE,
  loyalty_my_card: SIGNED_IN,
  loyalty_my_history: SIGNED_IN,
  loyalty_code: SIGNED_IN,
};
