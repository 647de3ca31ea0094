import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { sized } from "../../support/sizes.ts";
import { crmOf, valuesOf } from "../support/crm.ts";
import { hurry } from "../support/hurry.ts";
import { ACCOUNT, type System, startSystem } from "../support/system.ts";

const LEAD_COUNT = sized(48, 300);
/** For what never comes; on a busy machine what comes takes its time. */
const HANG_MS = 120_000;
const KILL_COUNT = sized(2, 10);

let system: System;
afterEach(() => system.stop());

test("leads arrive exactly once although answers are lost and the drain is killed again and again", async () => {
  system = await startSystem({
    simulator: { settings: { duration: { base_ms: 20, jitter_ms: 20 }, search: { lag_ms: 300 } } },
  });
  // Small batches, so that there is work left to be killed in.
  await system.sql`update amocrm_settings set batch_size = 4, note_batch_size = 4`;
  const { control } = system.simulator.simulator;
  control.addFaults({ kind: "lost_answer", method: "POST", path: "/api/v4/*", probability: 0.05 });
  control.addFaults({ kind: "status", status: 502, path: "/api/v4/*", probability: 0.05 });
  control.addFaults({ kind: "reset", path: "/api/v4/*", probability: 0.02 });
  const rows = Array.from({ length: LEAD_COUNT }, (_, index) => ({
    full_name: `K${index}`,
    // Every third lead is a person's second one.
    email: `k${index % 3 === 2 ? index - 1 : index}@kill.example`,
    source: "k",
    metadata: { index },
  }));
  const { error } = await system.anon.from("landing_leads").insert(rows);
  expect(error).toBeNull();

  const hurrying = hurry(system);
  const killed: number[] = [];
  while (killed.length < KILL_COUNT) {
    const requestCount = system.simulator.simulator.log.entries().length;
    const pid = await waitFor("the functions to be up", () => system.stack.pids.functions, {
      timeoutMs: HANG_MS,
    });
    // Killed in the middle of work: some requests after it began again.
    await waitFor(
      "requests to go on",
      () => system.simulator.simulator.log.entries().length > requestCount + 5,
      {
        timeoutMs: HANG_MS,
      },
    );
    process.kill(pid, "SIGKILL");
    killed.push(pid);
    await waitFor("another functions process", () => system.stack.pids.functions !== pid, {
      timeoutMs: HANG_MS,
    });
  }
  await system.delivered(180_000);
  await hurrying.stop();

  const crm = crmOf(system.simulator);
  const personCount = new Set(rows.map(({ email }) => email)).size;
  const states = await system.sql`select state, count(*)::int from amocrm_outbox group by 1`;
  const entries = system.simulator.simulator.log.entries();
  const faults = entries.filter((entry) => entry.fault !== null).length;
  console.log(
    `${LEAD_COUNT} leads of ${personCount} people, ${KILL_COUNT} kills, ${faults} faults in ${entries.length} requests: ` +
      `${crm.contacts().length} contacts, ${crm.deals().length} deals, ${crm.notes().length} notes`,
  );
  expect([...states]).toEqual([{ state: "delivered", count: LEAD_COUNT }]);
  expect(crm.contacts()).toHaveLength(personCount);
  expect(crm.deals()).toHaveLength(personCount);
  expect(crm.notes()).toHaveLength(LEAD_COUNT);
  expect(new Set(crm.deals().flatMap((deal) => valuesOf(deal, ACCOUNT.markerFieldId))).size).toBe(
    personCount,
  );
}, 300_000);

test("dropped database connections in mid-drain lose and double nothing", async () => {
  system = await startSystem({ simulator: { settings: { duration: { base_ms: 20 } } } });
  const rows = Array.from({ length: 60 }, (_, index) => ({
    full_name: `D${index}`,
    email: `d${index}@drop.example`,
    source: "d",
  }));
  const { error } = await system.anon.from("landing_leads").insert(rows);
  expect(error).toBeNull();
  const hurrying = hurry(system);
  // What failed rests, longer each time (database/engine/failing-drain); here that time has passed.
  const goesOn = () =>
    system.sql`update amocrm.heartbeats set failure_count = 0 where component = 'amocrm-drain' and failure_count > 0`;
  for (let round = 0; round < 5; round++) {
    const before = system.simulator.simulator.log.entries().length;
    await waitFor(
      "requests to go on or all to be done",
      async () => {
        await goesOn();
        const [left] =
          await system.sql`select count(*)::int as count from amocrm_outbox where state <> 'delivered'`;
        return system.simulator.simulator.log.entries().length > before + 3 || left?.["count"] === 0;
      },
      { timeoutMs: HANG_MS },
    );
    await system.sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'`;
    await sleep(0);
  }
  await goesOn();
  await system.delivered(120_000);
  await hurrying.stop();
  const crm = crmOf(system.simulator);
  expect(crm.contacts()).toHaveLength(60);
  expect(crm.deals()).toHaveLength(60);
}, 300_000);
