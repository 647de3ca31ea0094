/** Why something is planned, in a word. */
export const PLAN_REASON_CODES = [
  "route",
  "contact_by_link",
  "contact_by_email",
  "contact_by_phone",
  "contact_by_search",
  "contact_unknown",
  "deal_own",
  "deal_open",
  "deal_won",
  "deal_new",
] as const;
