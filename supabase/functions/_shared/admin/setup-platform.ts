import type { Step } from "./answer.ts";
import type { AdminPorts, AdminStore, Configured, SettingsChange } from "./port.ts";
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
