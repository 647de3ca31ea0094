import type { Step } from "./answer.ts";
import type { AdminPorts, AdminStore, AlertsChange, Configured, SettingsChange } from "./port.ts";
import type { SetupRequest } from "./request.ts";

/** Changes columns of amocrm_settings; they act at the next request. */
export async function saveSettings(
  change: SettingsChange,
  configured: Configured,
  store: AdminStore,
): Promise<Step> {
  const differing = Object.entries(change).filter(([column, value]) => configured.settings[column] !== value);
  const words = Object.entries(change).map(([column, value]) => `${column} = ${value}`);
  if (differing.length === 0) return { step: "settings", outcome: "unchanged", detail: words.join("; ") };
  await store.saveSettings(change);
  return { step: "settings", outcome: "done", detail: words.join("; ") };
}

/** Sets the URL and the key by which the database calls the functions. The key itself is never told. */
export async function setVault(
  { functionsUrl, cronKey }: NonNullable<SetupRequest["vault"]>,
  { store, isSecretKey }: AdminPorts,
): Promise<Step> {
  const outcome = await store.setVault(functionsUrl, cronKey);
  const words = `amocrm_functions_url = ${functionsUrl.replace(/\/+$/, "")}, amocrm_cron_key is set`;
  if ((await isSecretKey(cronKey)) === false) {
    const detail = `${words}, but this key is none of the project's secret keys: amocrm-drain will refuse it`;
    return { step: "vault", outcome: "warning", detail };
  }
  return { step: "vault", outcome, detail: words };
}

/** Sets or takes away the addresses by which alerts go around the functions. Only their hosts are ever told. */
export async function setAlertRoads(alerts: AlertsChange, store: AdminStore): Promise<Step[]> {
  const outcomes = await store.setAlertRoads(alerts);
  return [
    ...roadStep(
      "alert address",
      "amocrm_alert_url",
      alerts.alertUrl,
      outcomes.alert_url,
      "a test was posted",
    ),
    ...roadStep(
      "dead-man address",
      "amocrm_dead_man_url",
      alerts.deadManUrl,
      outcomes.dead_man_url,
      "it is called within a minute",
    ),
  ];
}

function roadStep(
  step: string,
  name: string,
  url: string | undefined,
  outcome: Step["outcome"] | undefined,
  proof: string,
): Step[] {
  if (url === undefined || outcome === undefined) return [];
  const words = url === "" ? `${name} is not set` : `${name} is at ${new URL(url).host}`;
  return [{ step, outcome, detail: outcome === "done" && url !== "" ? `${words}; ${proof}` : words }];
}
