import type { Step } from "../answer.ts";
import type { AdminStore, AlertsChange, Configured, SettingsChange, SetupPorts } from "../port.ts";
import type { SetupRequest } from "../request.ts";

/** Takes the account of the token, and this database, for the ones to send from: what protects them is asked no more. */
export async function switchAccount(ports: Pick<SetupPorts, "switchAccount">): Promise<Step> {
  const step = "account";
  const switched = await ports.switchAccount();
  if (!switched.ok) return { step, outcome: "refused", detail: switched.message };
  const { accountId, isOther, previousId } = switched;
  if (!isOther)
    return { step, outcome: "done", detail: `This database sends to account ${accountId} from here on` };
  const before = previousId === null ? "" : `; all ids of account ${previousId} are forgotten`;
  const detail = `Account ${accountId} from here on${before}. Sending is paused: check routes, stages and fields, then npm run amocrm -- resume`;
  return { step, outcome: "warning", detail };
}

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

/** Sets the URL at which the database calls the functions. What opens them is made there, and never told. */
export async function setVault(
  { functionsUrl }: NonNullable<SetupRequest["vault"]>,
  store: AdminStore,
): Promise<Step> {
  const outcome = await store.setVault(functionsUrl);
  const detail = `amocrm_functions_url = ${functionsUrl.replace(/\/+$/, "")}; the database calls with a token of its own, amocrm_call_token`;
  return { step: "vault", outcome, detail };
}

/** The one step whose detail holds a secret: it is told once, to whoever asked for it. */
export async function makeMonitorToken(store: AdminStore): Promise<Step> {
  const token = await store.makeMonitorToken();
  const detail = `Authorization: Bearer ${token} opens amocrm-health and nothing else. It is not told again; the one before opens nothing any more`;
  return { step: "monitor token", outcome: "done", detail };
}

/** pg_net gives up on the test after five seconds. */
const TEST_POLLS = 11;
const TEST_POLL_MS = 500;

/**
 * Sets or takes away the addresses by which alerts go around the functions. Only their hosts are ever told. The first one gets
 * a test, and what came of it is waited for: an address that refuses is no road.
 */
export async function setAlertRoads(
  alerts: AlertsChange,
  { store, clock }: Pick<SetupPorts, "store" | "clock">,
): Promise<Step[]> {
  const outcomes = await store.setAlertRoads(alerts);
  const isTested = outcomes.alert_url === "done" && (alerts.alertUrl ?? "") !== "";
  const problem = isTested ? await problemOfTest(store, clock) : null;
  const ofAlerts = roadStep(
    "alert address",
    "amocrm_alert_url",
    alerts.alertUrl,
    outcomes.alert_url,
    "a test was posted",
  );
  return [
    ...ofAlerts.map((step): Step => {
      if (problem === null) return step;
      const place = `amocrm_alert_url is at ${new URL(alerts.alertUrl ?? "").host}`;
      return { ...step, outcome: "warning", detail: `${place}, but no alert arrives there: ${problem}` };
    }),
    ...roadStep(
      "dead-man address",
      "amocrm_dead_man_url",
      alerts.deadManUrl,
      outcomes.dead_man_url,
      "it is called within a minute",
    ),
  ];
}

async function problemOfTest(store: AdminStore, clock: SetupPorts["clock"]): Promise<string | null> {
  for (let poll = 1; poll <= TEST_POLLS; poll += 1) {
    const road = (await store.alertRoads()).find(({ name }) => name === "amocrm_alert_url");
    if (road?.problem != null) return road.problem;
    if (poll < TEST_POLLS) await clock.sleep(TEST_POLL_MS);
  }
  return null;
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
