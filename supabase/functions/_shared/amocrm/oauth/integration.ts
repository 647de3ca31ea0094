import type { Settings } from "../settings.ts";

/** The integration as the environment names it. */
export interface ReadyIntegration {
  state: "ready";
  clientId: string;
  /** Where the consent page is looked for: the account's origin, or amoCRM's own while no account is named. */
  consentOrigin: string;
  /** AMOCRM_BASE_URL: an account there is taken as well. */
  baseUrl: string | null;
  /** The account's origin by the settings; null if they name none. */
  configuredOrigin: string | null;
}

/** The integration, or why nothing can be connected; `message` names the variables that are missing. */
export type Integration =
  | ReadyIntegration
  | { state: "disabled" | "long_lived_token" }
  | { state: "unconfigured"; message: string };

const DEFAULT_ORIGIN = "https://www.amocrm.ru";

/** What there is to connect with. `missing` is what `missingForOAuth` says of the same environment. */
export function integrationOf(settings: Settings, missing: { message: string }): Integration {
  if (settings.state === "disabled") return { state: "disabled" };
  if (settings.state === "ready" && settings.access.accessToken !== null) {
    return { state: "long_lived_token" };
  }
  if (missing.message !== "") return { state: "unconfigured", message: missing.message };
  if (settings.state === "unconfigured") return { state: "unconfigured", message: settings.message };
  const { baseUrl, isBaseUrlFixed, oauth } = settings.access;
  return {
    state: "ready",
    clientId: oauth?.clientId ?? "",
    consentOrigin: baseUrl ?? DEFAULT_ORIGIN,
    baseUrl: isBaseUrlFixed ? baseUrl : null,
    configuredOrigin: baseUrl,
  };
}
