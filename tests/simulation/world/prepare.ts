import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { subscribe } from "../people/hooks.ts";
import { addOddRows } from "../people/odd-things.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { World } from "./world.ts";

/** Longer than the search takes to find a new contact: what a manager typed before is found. */
const INDEXED_AFTER_MS = 120_000;

/** Before the first lead comes: settings, routes, the account as it was before us, the connection. */
export async function prepare(world: World, time: VirtualTime): Promise<void> {
  const { settings, hasMirror, marker, known, pullIntervalSeconds } = world.plan;
  await world.access.query(
    `update public.amocrm_settings set min_interval_ms = $1, batch_size = $2, patch_batch_size = $3,
      note_batch_size = case when $3 < 50 then $3 else 250 end,
      pull_interval_seconds = coalesce($4, pull_interval_seconds)`,
    [settings.min_interval_ms, settings.batch_size, settings.patch_batch_size, pullIntervalSeconds],
  );
  // A mirror is complete after a first run, which has seen what was deleted until then, too.
  await world.access.query(
    `update amocrm.cursors set is_complete = $1, (changed_until, deleted_until) = (select moment, moment
       from (values (case when $1 then amocrm.clock() - interval '1 minute' end)) as run (moment))
     where entity = 'contact'`,
    [hasMirror],
  );
  await world.access.query(
    `insert into public.amocrm_fields (entity, path, field_id)
     select 'deal', field.path, field.id
     from (values ('id', ${SEED_IDS.dealFields.leadId}), ('metadata.budget', ${SEED_IDS.dealFields.budget})) as field (path, id)
     where $1 or field.path <> 'id'`,
    [marker === "set"],
  );
  await world.openRoutes();
  for (const { email, phone } of known) {
    await callAccount(world, "/api/v4/contacts", [
      { name: "Known", custom_fields_values: contactFields(email, phone) },
    ]);
  }
  if (known.length > 0 && hasMirror) {
    // The mirror is complete: it has them. The next look tells it what they are.
    await world.access.query(
      `update amocrm.cursors set changed_until = amocrm.clock() - interval '1 day', deleted_until = amocrm.clock() - interval '1 day'
       where entity = 'contact'`,
    );
  }
  addOddRows(world);
  world.knownContactIds = new Set(world.simulator.state.contacts().map(({ id }) => id));
  await time.sleep(INDEXED_AFTER_MS);
  if (world.plan.connection === "oauth") await world.consent();
  else if (world.plan.otherAccount !== undefined) await world.noteToken();
  await subscribe(world);
  world.simulator.log.clear();
  world.keepRights();
}

async function callAccount({ simulator }: World, path: string, body: unknown): Promise<void> {
  const response = await simulator.fetch(`https://sim.amocrm.ru${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${simulator.accessToken}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`Cannot prepare ${path}: answer was ${response.status}`);
}

function contactFields(email: string | null, phone: string | null): unknown[] {
  return [
    ...(email === null ? [] : [{ field_code: "EMAIL", values: [{ value: email, enum_code: "WORK" }] }]),
    ...(phone === null ? [] : [{ field_code: "PHONE", values: [{ value: phone, enum_code: "WORK" }] }]),
  ];
}
