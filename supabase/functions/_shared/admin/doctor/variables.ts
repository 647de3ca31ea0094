import { KNOWN_NAMES, parseSettings } from "../../amocrm/settings.ts";
import { misspeltNames } from "../../platform/misspelling.ts";
import { type Finding, finding } from "./finding.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a value of each variable looks like. */
const EXAMPLES: Readonly<Record<string, string>> = {
  AMOCRM_ENABLED: "true",
  AMOCRM_SUBDOMAIN: "company",
  AMOCRM_BASE_URL: "https://company.amocrm.ru",
  AMOCRM_PLAYWRIGHT_URL: "http://localhost:3002",
  AMOCRM_REDIRECT_URI: "https://<project>.supabase.co/functions/v1/amocrm-oauth/callback",
};

/** Names that other integrations and the documents of amoCRM use, and that are too different to be a slip of the pen. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  AMOCRM_DOMAIN: "AMOCRM_SUBDOMAIN",
  AMOCRM_ACCOUNT: "AMOCRM_SUBDOMAIN",
  AMOCRM_HOST: "AMOCRM_BASE_URL",
  AMOCRM_URL: "AMOCRM_BASE_URL",
  AMOCRM_API_URL: "AMOCRM_BASE_URL",
  AMOCRM_TOKEN: "AMOCRM_ACCESS_TOKEN",
  AMOCRM_API_KEY: "AMOCRM_ACCESS_TOKEN",
  AMOCRM_LONG_TOKEN: "AMOCRM_ACCESS_TOKEN",
  AMOCRM_LONG_LIVED_TOKEN: "AMOCRM_ACCESS_TOKEN",
  AMOCRM_INTEGRATION_ID: "AMOCRM_CLIENT_ID",
  AMOCRM_SECRET: "AMOCRM_CLIENT_SECRET",
  AMOCRM_SECRET_KEY: "AMOCRM_CLIENT_SECRET",
  AMOCRM_REDIRECT_URL: "AMOCRM_REDIRECT_URI",
  MOBIZON_KEY: "MOBIZON_API_KEY",
  MOBIZON_TOKEN: "MOBIZON_API_KEY",
  MOBIZON_API_TOKEN: "MOBIZON_API_KEY",
  MOBIZON_URL: "MOBIZON_BASE_URL",
  MOBIZON_API_URL: "MOBIZON_BASE_URL",
  MOBIZON_DOMAIN: "MOBIZON_BASE_URL",
  QTICKETS_API_KEY: "QTICKETS_TOKEN",
  QTICKETS_API_TOKEN: "QTICKETS_TOKEN",
  QTICKETS_KEY: "QTICKETS_TOKEN",
  TIMEPAD_API_KEY: "TIMEPAD_TOKEN",
  TIMEPAD_API_TOKEN: "TIMEPAD_TOKEN",
  TIMEPAD_KEY: "TIMEPAD_TOKEN",
  UNISENDER_KEY: "UNISENDER_API_KEY",
  UNISENDER_TOKEN: "UNISENDER_API_KEY",
  UNISENDER_API_TOKEN: "UNISENDER_API_KEY",
  UNISENDER_URL: "UNISENDER_BASE_URL",
  UNISENDER_API_URL: "UNISENDER_BASE_URL",
  SELZY_API_KEY: "UNISENDER_API_KEY",
  SHORT_LINK_BASE_URL: "LINK_BASE_URL",
  UNSUBSCRIBE_URL: "UNSUBSCRIBE_PAGE_URL",
};

/** Values that nobody can judge by their form: doubts about them are warnings. */
const OPAQUE = /_(TOKEN|SECRET|CLIENT_ID|API_KEY)$/;

/** Variables of parts that a project may do without: whether they are needed is judged there. */
const OPTIONAL_NAMES = [
  "MOBIZON_API_KEY",
  "MOBIZON_BASE_URL",
  "MOBIZON_WEBHOOK_SECRET",
  "LINK_BASE_URL",
  "LINK_FALLBACK_URL",
  "UNSUBSCRIBE_PAGE_URL",
  "QTICKETS_TOKEN",
  "QTICKETS_BASE_URL",
  "QTICKETS_WEBHOOK_SECRET",
  "TIMEPAD_TOKEN",
  "TIMEPAD_BASE_URL",
  "UNISENDER_API_KEY",
  "UNISENDER_BASE_URL",
];

const LOOPBACK = /^(localhost|127\.|\[::1\])/;

/**
 * The functions' own variables: those that are missing or malformed by name, with what was probably meant, and values
 * that look wrong. No value is ever told.
 */
export function checkVariables(environment: Environment): Finding[] {
  const settings = parseSettings(environment);
  const alike = likelyMeant(environment);
  const findings: Finding[] = [];
  if (settings.state === "disabled") findings.push(finding("variables_off"));
  const missing = settings.state === "unconfigured" ? settings.missing : [];
  for (const name of missing) {
    const found = alike.get(name);
    const isSet = setValue(environment, name) !== "";
    if (isSet) findings.push(finding("variable_malformed", { name, example: EXAMPLES[name] ?? "…" }));
    else if (found !== undefined) findings.push(finding("variable_misspelt", { name, found }));
    else findings.push(finding("variable_missing", { name, example: EXAMPLES[name] ?? "…" }));
  }
  for (const [name, found] of alike) {
    if (!missing.includes(name)) findings.push(finding("variable_alike", { name, found }));
  }
  for (const name of [...KNOWN_NAMES, ...OPTIONAL_NAMES])
    findings.push(...doubtsOf(name, environment[name] ?? ""));
  return findings.length === 0 ? [finding("variables_ok")] : findings;
}

/** Names that are not set, and by which other name somebody probably set them. */
function likelyMeant(environment: Environment): Map<string, string> {
  const found = Object.keys(environment).filter((name) => setValue(environment, name) !== "");
  const alike = misspeltNames(found, [...KNOWN_NAMES, ...OPTIONAL_NAMES]);
  for (const [other, name] of Object.entries(OTHER_NAMES)) {
    if (found.includes(other) && !found.includes(name) && !alike.has(name)) alike.set(name, other);
  }
  // One found name is a slip for one known name at most: the nearest comes first in neither list, so the first counts.
  const taken = new Set<string>();
  return new Map([...alike].filter(([, other]) => !taken.has(other) && taken.add(other)));
}

function doubtsOf(name: string, value: string): Finding[] {
  const text = value.trim();
  if (text === "") return [];
  const doubts: Finding[] = [];
  if (text !== value) doubts.push(finding("value_has_spaces", { name }));
  if (/^["'`«“]|["'`»”]$/.test(text)) doubts.push(finding("value_has_quotes", { name }));
  if (OPAQUE.test(name)) {
    if (/^bearer\s/i.test(text)) doubts.push(finding("value_has_bearer", { name }));
    else if (/\s/.test(text)) doubts.push(finding("value_has_blanks", { name }));
    if (/^https?:\/\//i.test(text)) doubts.push(finding("value_is_url", { name }));
    if (/^sb_(secret|publishable)_/.test(text)) doubts.push(finding("value_is_key", { name }));
  }
  if (/^http:\/\//i.test(text) && URL.canParse(text) && !LOOPBACK.test(new URL(text).hostname)) {
    doubts.push(finding("value_is_plain_http", { name }));
  }
  return doubts;
}

function setValue(environment: Environment, name: string): string {
  return environment[name]?.trim() ?? "";
}
