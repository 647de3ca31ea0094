import { underOwnNames } from "#shared/platform/own-names.ts";

/**
 * Names that `[db.vault]` reads for a hosted project, which say nothing about where this stack's functions write; and those
 * of the session service alone, whose password no function is to know.
 */
const NOT_FOR_FUNCTIONS = new Set([
  "AMOCRM_FUNCTIONS_URL",
  "AMOCRM_CRON_KEY",
  "AMOCRM_EMAIL",
  "AMOCRM_PASSWORD",
  "AMOCRM_SIGN_IN_INTERVAL_SECONDS",
]);
const OURS =
  /^(AMOCRM_|MOBIZON_|RESEND_|MAIL_|TURNSTILE_|WELCOME_|LINK_|UNSUBSCRIBE_|QTICKETS_|TIMEPAD_|UNISENDER_|VK_|TELEGRAM_|INSTAGRAM_)|^ADMIN_EMAIL$/;

/**
 * The variables of the functions (design 3.4) that are set in an environment. By prefix, so that a misspelt name
 * reaches the functions as well, which then say so; empty ones count as not set.
 */
export function pickFunctionVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(underOwnNames(environment))) {
    if (value && OURS.test(name) && !NOT_FOR_FUNCTIONS.has(name)) picked[name] = value;
  }
  return picked;
}

/** The outside amoCRM that the variables point at; undefined if they name none, and a simulator must stand in. */
export function outsideAmocrmUrl(variables: Readonly<Record<string, string>>): string | undefined {
  const { AMOCRM_BASE_URL: baseUrl, AMOCRM_SUBDOMAIN: subdomain } = variables;
  if (baseUrl !== undefined) return baseUrl;
  if (subdomain === undefined) return undefined;
  return `https://${subdomain.includes(".") ? subdomain : `${subdomain}.amocrm.ru`}`;
}
