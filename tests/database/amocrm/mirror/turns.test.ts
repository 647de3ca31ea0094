import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS, NOON, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openDrainer } from "../../support/drainer.ts";
import { insertLeads, type LeadInput, messages } from "../../support/leads.ts";
import { openPuller } from "../../support/puller.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const people = (count: number, from = 1): LeadInput[] =>
  Array.from({ length: count }, (_, index) => ({
    full_name: `P${from + index}`,
    email: `p${from + index}@example.com`,
    phone: `+7702${String(from + index).padStart(7, "0")}`,
  }));
const counts = async () => {
  const rows = await messages(sql);
  return { delivered: rows.filter(({ state }) => state === "delivered").length, of: rows.length };
};
const cursor = async () =>
  (await sql`select is_complete, look_voided_at, pulled_at from amocrm.cursors where entity = 'contact'`)[0];
const searches = () =>
  account.simulator.log
    .entries()
    .filter(({ path, query }) => path.endsWith("/contacts") && query.includes("query=")).length;
const pages = () =>
  account.simulator.log
    .entries()
    .filter(({ path, query }) => path.endsWith("/contacts") && query.includes("page=")).length;
/** A mirror that is complete, and older than what follows. */
async function mirrorAccount(): Promise<void> {
  await sql`update amocrm.cursors set is_complete = false, changed_until = null`;
  await sql`insert into amocrm.heartbeats (component, state, last_seen_at) values ('amocrm-pull', 'ok', ${NOON})`;
  while ((await account.pull()).isMoreDue) await account.wait(SECOND_MS);
  expect(await cursor()).toMatchObject({ is_complete: true });
}
function touchAll(): void {
  for (const { id } of account.simulator.state.contacts() as { id: number }[]) {
    account.simulator.control.edit({ action: "rename", entity: "contact", id, name: `again ${id}` });
  }
}
/** As on the platform, until all is delivered: whose turn it is is called at once, a drain each ten seconds, a pull each minute. */
async function live(forMs: number): Promise<void> {
  const untilMs = account.nowMs() + forMs;
  let pullAtMs = account.nowMs();
  while (account.nowMs() < untilMs && (await counts()).delivered < (await counts()).of) {
    const startedMs = account.nowMs();
    await account.drain();
    if (
      (await sql`select amocrm.lane_in_turn() <> 'live' as is_pulls, amocrm.due_pull() as due`)[0]?.[
        "is_pulls"
      ] ||
      pullAtMs <= account.nowMs()
    ) {
      await account.pull();
      pullAtMs = account.nowMs() + MINUTE_MS;
    }
    if (account.nowMs() === startedMs) await account.wait(10 * SECOND_MS);
  }
}

describe("after a bulk edit of more contacts than a look reads", { timeout: 300_000 }, () => {
  beforeEach(async () => {
    account.simulator.control.populate({ contacts: 2010 });
    await mirrorAccount();
    await account.wait(5 * MINUTE_MS);
    touchAll();
  });

  test("a drain gives back whom it would search for, a pull catches up, and they are matched", async () => {
    await insertLeads(sql, people(50));
    const startedMs = account.nowMs();
    const report = await account.drain();
    expect(report).toMatchObject({ outcome: "granted", stoppedBy: "look_unfinished" });
    expect(account.nowMs() - startedMs).toBeLessThan(60 * SECOND_MS);
    expect(await counts()).toEqual({ delivered: 0, of: 50 });
    expect(await cursor()).toMatchObject({ look_voided_at: expect.any(Date) });
    expect(
      (await messages(sql)).filter(({ attempt_count, state }) => state === "pending" && attempt_count > 0),
    ).toEqual([]);
    await live(3 * MINUTE_MS);
    expect(await counts()).toEqual({ delivered: 50, of: 50 });
    expect(searches()).toBe(0);
  });

  test("a few are searched for at once, since reading the changes would cost more", async () => {
    await insertLeads(sql, people(4));
    expect(await account.drain()).toMatchObject({ outcome: "granted", stoppedBy: "look_unfinished" });
    expect(await counts()).toEqual({ delivered: 2, of: 4 });
    expect(searches()).toBe(4);
  });

  test("whose contact is known need not be searched for, and is not given back", async () => {
    await insertLeads(sql, people(3));
    await account.drain();
    await live(2 * MINUTE_MS);
    touchAll();
    await insertLeads(sql, [...people(3), ...people(20, 100)]);
    await account.drainAfter(MINUTE_MS);
    expect(await counts()).toEqual({ delivered: 3 + 3, of: 26 });
  });

  test("without a pull that is at hand leads trickle on, and the look is tried once a minute", async () => {
    await sql`update amocrm.heartbeats set unanswered_post_count = 3 where component = 'amocrm-pull'`;
    await insertLeads(sql, people(12));
    const pagesBefore = pages();
    const untilMs = account.nowMs() + 50 * SECOND_MS;
    while (account.nowMs() < untilMs) await account.drainAfter(SECOND_MS);
    expect((await counts()).delivered).toBeGreaterThanOrEqual(4);
    // One page latest first, and eight by id.
    expect(pages() - pagesBefore).toBe(9);
  });
});

describe("a backlog before the first pull", { timeout: 300_000 }, () => {
  beforeEach(async () => {
    account.simulator.control.populate({ contacts: 600 });
    await sql`update amocrm.cursors set is_complete = false, changed_until = null`;
    await sql`insert into amocrm.heartbeats (component, state, last_seen_at) values ('amocrm-pull', 'ok', ${NOON})`;
  });

  test("of live leads waits for the pull, and is then delivered by the mirror", async () => {
    await insertLeads(sql, people(200));
    expect(await account.drain()).toMatchObject({ outcome: "busy" });
    await live(5 * MINUTE_MS);
    expect(await cursor()).toMatchObject({ is_complete: true });
    expect(await counts()).toEqual({ delivered: 200, of: 200 });
    expect(searches()).toBe(0);
  });

  test("of history waits too, whatever its size, and no drain is called for it", async () => {
    const ids = await insertLeads(sql, people(3));
    await sql`update amocrm.outbox set lane = 'backfill' where queue = 'amocrm' and subject_id = any (${ids}::uuid[])`;
    await sql`select amocrm.place('amocrm', 10)`;
    expect(await sql`select amocrm.is_due('amocrm') as is_due`).toEqual([{ is_due: false }]);
    await account.drain();
    expect(await counts()).toEqual({ delivered: 0, of: 3 });
    await live(2 * MINUTE_MS);
    expect(await counts()).toEqual({ delivered: 3, of: 3 });
    expect(searches()).toBe(0);
  });

  test("of history does not wait for a pull that nobody ever heard of: it may not be deployed", async () => {
    await sql`update amocrm.heartbeats set last_seen_at = null where component = 'amocrm-pull'`;
    const ids = await insertLeads(sql, people(3));
    await sql`update amocrm.outbox set lane = 'backfill' where queue = 'amocrm' and subject_id = any (${ids}::uuid[])`;
    await sql`select amocrm.place('amocrm', 10)`;
    expect(await sql`select amocrm.is_due('amocrm') as is_due`).toEqual([{ is_due: true }]);
    expect(await sql`select amocrm.open_lanes('amocrm') as lanes`).toEqual([{ lanes: ["live", "backfill"] }]);
  });

  test("of a few leads goes first, and each third slot is the pull's", async () => {
    await insertLeads(sql, people(8));
    expect(await sql`select amocrm.lane_in_turn() as turn`).toEqual([{ turn: "shared" }]);
    expect(await account.drain()).toMatchObject({ outcome: "granted", settledCount: 6, isMoreDue: true });
    const puller = openPuller(database);
    const drainer = openDrainer(database);
    await setTestClock(new Date(account.nowMs()), puller.sql, drainer.sql);
    await puller.begin();
    await drainer.begin();
    const slots = [await puller.slot(), await puller.slot(), await drainer.slot(), await puller.slot()];
    slots.push(await drainer.slot(), await puller.slot());
    expect(slots.map(({ granted }) => granted)).toEqual([true, false, true, false, true, true]);
  });

  test("waits for a pull that nobody has heard of, for a minute", async () => {
    await sql`update amocrm.heartbeats set last_seen_at = null, state = 'unknown' where component = 'amocrm-pull'`;
    await insertLeads(sql, people(200));
    expect(
      await sql`select amocrm.lane_in_turn() as turn, amocrm.function_in_turn('amocrm') as called`,
    ).toEqual([{ turn: "pull", called: "amocrm-pull" }]);
    await account.wait(MINUTE_MS);
    await setTestClock(new Date(account.nowMs()), sql);
    expect(
      await sql`select amocrm.lane_in_turn() as turn, amocrm.function_in_turn('amocrm') as called`,
    ).toEqual([{ turn: "live", called: "amocrm-drain" }]);
  });

  test("does not wait for ever: after five minutes leads go first for five, and so on", async () => {
    await insertLeads(sql, people(200));
    await sql`update amocrm.pull_control set first_since = ${NOON} where account = 'amocrm'`;
    const turnAt = async (minutes: number) => {
      await sql`select set_config('amocrm.test_clock', ${new Date(NOON.getTime() + minutes * MINUTE_MS).toISOString()}, false)`;
      await sql`update amocrm.heartbeats set last_seen_at = amocrm.clock() where component = 'amocrm-pull'`;
      return (await sql`select amocrm.lane_in_turn() as turn`)[0]?.["turn"];
    };
    expect([
      await turnAt(0),
      await turnAt(4.9),
      await turnAt(5.1),
      await turnAt(9.9),
      await turnAt(10.1),
    ]).toEqual(["pull", "pull", "shared", "shared", "pull"]);
    await sql`update amocrm.heartbeats set last_seen_at = ${new Date(NOON.getTime() - 10 * MINUTE_MS)} where component = 'amocrm-pull'`;
    expect((await sql`select amocrm.lane_in_turn() as turn`)[0]?.["turn"]).toBe("live");
  });
});
