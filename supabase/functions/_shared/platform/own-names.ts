/** Names that a project may use for something of its own: functions of one project share their variables. */
const SHARED_NAMES = [
  "ADMIN_EMAIL",
  "LINK_BASE_URL",
  "LINK_FALLBACK_URL",
  "MAIL_FROM",
  "MAIL_REPLY_TO",
  "MOBIZON_API_KEY",
  "MOBIZON_BASE_URL",
  "MOBIZON_WEBHOOK_SECRET",
  "QTICKETS_BASE_URL",
  "QTICKETS_TOKEN",
  "QTICKETS_WEBHOOK_SECRET",
  "RESEND_API_KEY",
  "RESEND_BASE_URL",
  "RESEND_WEBHOOK_SECRET",
  "TURNSTILE_SECRET_KEY",
  "TURNSTILE_VERIFY_URL",
  "UNSUBSCRIBE_PAGE_URL",
  "WELCOME_PAGE_URL",
] as const;

/**
 * The variables as our functions know them: each of those names may also be set as AMOCRM_<name>, which wins, so that a
 * project keeps a RESEND_API_KEY of its own. The longer name itself is gone afterwards, and so is nobody's misspelling.
 */
export function underOwnNames(
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const known = { ...variables };
  for (const name of SHARED_NAMES) {
    const own = known[`AMOCRM_${name}`];
    delete known[`AMOCRM_${name}`];
    if (own !== undefined && own.trim() !== "") known[name] = own;
  }
  return known;
}
