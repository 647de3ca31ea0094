import { type Catalog, createCatalog } from "../account/catalog.ts";
import { pipelineList } from "../account/verify.ts";
import type { SetupAnswer, Step } from "../answer.ts";
import type { AdminPorts, SetupPorts } from "../port.ts";
import type { SetupRequest } from "../request.ts";
import { mapFields } from "./fields.ts";
import { addMarker, mapUtm } from "./marker.ts";
import { saveRoutes, saveStages } from "./places.ts";
import { makeMonitorToken, saveSettings, setAlertRoads, setVault, switchAccount } from "./platform.ts";

/**
 * Writes what is asked for, step by step, and tells what became of each. Ids are checked against the account first;
 * where it cannot be asked, rows are written all the same, with a warning. Running it again changes nothing.
 */
export async function setUp(request: SetupRequest, ports: SetupPorts): Promise<SetupAnswer> {
  const { store } = ports;
  const catalog = createCatalog(ports.account);
  const configured = await store.configured();
  const steps: Step[] = [];
  // Before anything is asked of amoCRM, which another account's token may not.
  if (request.switch === true) {
    const switched = await switchAccount(ports);
    if (switched.outcome === "refused") return { ok: false, steps: [switched] };
    steps.push(switched);
  }

  // First the pace, since everything below asks amoCRM at that pace.
  if (request.settings !== undefined) steps.push(await saveSettings(request.settings, configured, store));
  if (request.routes !== undefined || request.stages !== undefined) {
    steps.push(await readPipelines(catalog, ports));
  }
  steps.push(...(await saveRoutes(request.routes ?? [], configured, catalog, store)));
  steps.push(...(await saveStages(request.stages ?? [], configured, catalog, store)));
  const fields = request.fields ?? [];
  steps.push(...(await mapFields(fields, configured, catalog, store)));
  // A field that was named by hand is the admin's word: neither marker nor utm overrides it.
  const free = (path: string): boolean => !fields.some((row) => row.entity === "deal" && row.path === path);
  if (request.marker === true && free("id")) steps.push(await addMarker(configured, catalog, ports));
  if (request.utm === true) steps.push(await mapUtm(free, configured, catalog, store));
  if (request.alerts !== undefined) steps.push(...(await setAlertRoads(request.alerts, ports)));
  // Last the secrets, because with them sending begins.
  if (request.vault !== undefined) steps.push(await setVault(request.vault, store));
  if (request.monitorToken === true) steps.push(await makeMonitorToken(store));

  return { ok: steps.every(({ outcome }) => outcome !== "refused"), steps };
}

async function readPipelines(catalog: Catalog, { store }: AdminPorts): Promise<Step> {
  const asked = await catalog.pipelines();
  if (!asked.ok) {
    return {
      step: "pipelines",
      outcome: "warning",
      detail: `amoCRM could not be asked, so ids are not checked: ${asked.reason}`,
    };
  }
  await store.savePipelines(asked.value);
  return { step: "pipelines", outcome: "done", detail: `Read from amoCRM: ${pipelineList(asked.value)}` };
}
