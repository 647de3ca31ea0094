import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../dev/stack/wait.ts";
import { ACCOUNT, type System, startSystem } from "./support/system.ts";

const BOOKING_FIELD_ID = ACCOUNT.textFieldId;

let system: System;
beforeAll(async () => {
  system = await startSystem({
    hasPulls: true,
    simulator: { population: { contacts: 20_000, deals: 10_000, days: 365 } },
  });
  await system.sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'metadata.rental.booking_id', ${BOOKING_FIELD_ID})`;
});
afterAll(() => system.stop());

const requests = () => system.simulator.simulator.log.entries();
const counts = async () =>
  (
    await system.sql`select (select count(*)::int from amocrm.contacts where not is_deleted) as contacts,
      (select count(*)::int from amocrm.contact_keys) as keys, (select count(*)::int from amocrm_deals where not is_deleted) as deals`
  )[0];

/** Calls the pull as cron does, and waits until nothing is left. */
async function pullAll(timeoutMs = 90_000): Promise<void> {
  await system.sql`update amocrm.pull_control set wanted_at = clock_timestamp()`;
  await system.stack.worker?.runJob("amocrm-pull-tick");
  await waitFor(
    "the pull to be through",
    async () => {
      const [row] = await system.sql`select amocrm_pull_progress() as progress`;
      const { is_due: isDue, is_working: isWorking, entities } = row?.["progress"] ?? {};
      if (isDue || isWorking) throw new Error(JSON.stringify(entities));
      return true;
    },
    { timeoutMs },
  );
}

test("the first pull brings all contacts with their keys, and the deals they name", async () => {
  await pullAll();
  expect(await counts()).toEqual({ contacts: 20_000, keys: 40_000, deals: 10_000 });
  const calls = system.stack.calls().filter(({ name }) => name === "amocrm-pull");
  console.log(
    `first pull: ${requests().length} requests, ${calls.length} calls, CPU ms ${calls.map(({ cpuMs }) => Math.round(cpuMs)).join(" ")}`,
  );
  for (const { cpuMs } of calls.slice(1)) expect(cpuMs).toBeLessThan(1000);
  const [deal] = await system.sql`select status_label, metadata, amocrm_contact_id from amocrm_deals limit 1`;
  expect(deal).toMatchObject({ metadata: { rental: { booking_id: null } } });
  expect(deal?.["status_label"]).toBeTruthy();
  expect(deal?.["amocrm_contact_id"]).toBeTruthy();
});
