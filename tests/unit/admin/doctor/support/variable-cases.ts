import type { Case } from "./case.ts";
import { ago, DAY_MS, type Patient } from "./patient.ts";

const env = (name: string, value: string | undefined) => (patient: Patient) => {
  patient.environment[name] = value;
};
const BLIND: Case["says"] = [["amocrm_unasked"], ["places_unasked"], ["fields_unasked"]];

/** A token that says when it expires. */
const expiring = (at: string): string =>
  `h.${Buffer.from(JSON.stringify({ exp: Math.floor(Date.parse(at) / 1000) })).toString("base64url")}.s`;

export const VARIABLE_CASES: Case[] = [
  { when: "switched off", break: env("AMOCRM_ENABLED", "false"), says: [["variables_off"], ...BLIND] },
  {
    when: "no account is named",
    break: env("AMOCRM_BASE_URL", " "),
    says: [["variable_missing", { name: "AMOCRM_SUBDOMAIN", example: "company" }], ...BLIND],
  },
  {
    when: "a name is misspelt",
    break({ environment }) {
      environment["AMOCRM_ACESS_TOKEN"] = environment["AMOCRM_ACCESS_TOKEN"];
      delete environment["AMOCRM_ACCESS_TOKEN"];
    },
    says: [["variable_misspelt", { name: "AMOCRM_ACCESS_TOKEN", found: "AMOCRM_ACESS_TOKEN" }], ...BLIND],
  },
  {
    when: "the name is that of other integrations",
    break({ environment }) {
      environment["AMOCRM_DOMAIN"] = "company";
      delete environment["AMOCRM_BASE_URL"];
    },
    says: [["variable_misspelt", { name: "AMOCRM_SUBDOMAIN", found: "AMOCRM_DOMAIN" }], ...BLIND],
  },
  {
    when: "the account's name is an address",
    break: env("AMOCRM_SUBDOMAIN", "https://company.amocrm.ru"),
    says: [["variable_malformed", { name: "AMOCRM_SUBDOMAIN", example: "company" }], ...BLIND],
  },
  {
    when: "a switch is misspelt that has a default",
    break: env("AMOCRM_ENABLD", "false"),
    says: [["variable_alike", { name: "AMOCRM_ENABLED", found: "AMOCRM_ENABLD" }]],
  },
  {
    when: "the token ends with a line break",
    break: (patient) =>
      env("AMOCRM_ACCESS_TOKEN", `${patient.environment["AMOCRM_ACCESS_TOKEN"]}\n`)(patient),
    says: [["value_has_spaces", { name: "AMOCRM_ACCESS_TOKEN" }]],
  },
  {
    when: "the secret has quotation marks around it",
    break: env("AMOCRM_CLIENT_SECRET", '"abc"'),
    says: [["value_has_quotes", { name: "AMOCRM_CLIENT_SECRET" }]],
  },
  {
    when: "a token was wrapped over two lines",
    break: env("AMOCRM_REFRESH_TOKEN", "abc\ndef"),
    says: [["value_has_blanks", { name: "AMOCRM_REFRESH_TOKEN" }]],
  },
  {
    when: "a token was copied with its scheme",
    break: env("AMOCRM_REFRESH_TOKEN", "Bearer abc"),
    says: [["value_has_bearer", { name: "AMOCRM_REFRESH_TOKEN" }]],
  },
  {
    when: "an address stands where a secret belongs",
    break: env("AMOCRM_CLIENT_SECRET", "https://company.amocrm.ru"),
    says: [["value_is_url", { name: "AMOCRM_CLIENT_SECRET" }]],
  },
  {
    when: "a key of Supabase stands where amoCRM's belongs",
    break: env("AMOCRM_CLIENT_SECRET", "sb_secret_a"),
    says: [["value_is_key", { name: "AMOCRM_CLIENT_SECRET" }]],
  },
  {
    when: "the token would go unencrypted",
    break: env("AMOCRM_BASE_URL", "http://proxy.internal:8080"),
    says: [["value_is_plain_http", { name: "AMOCRM_BASE_URL" }]],
  },
];

export const TOKEN_CASES: Case[] = [
  {
    when: "the long-lived token ends next week",
    break: env("AMOCRM_ACCESS_TOKEN", expiring(ago(-7.5 * DAY_MS))),
    says: [["token_expires_soon", { days: 7 }]],
  },
  {
    when: "the long-lived token is over",
    break: env("AMOCRM_ACCESS_TOKEN", expiring(ago(3.5 * DAY_MS))),
    says: [["token_expired", { days: 3 }]],
  },
];
