import { beforeEach, describe, expect, test } from "vitest";
import { NOON, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
beforeEach(() => setTestClock(NOON, sql, service));

const NOON_SECONDS = Math.floor(NOON.getTime() / 1000);
/** Our own request about deal 7, which ended at noon. */
async function writeAtNoon(written: Record<string, number | boolean> = {}): Promise<void> {
  await setTestClock(new Date(NOON.getTime() + 2 * SECOND_MS), sql, service);
  const request = {
    ago_ms: 2300,
    duration_ms: 300,
    waited_ms: 0,
    item_count: 1,
    dropped_count: 0,
    message_ids: [],
    method: "POST",
    path: "/api/v4/leads/notes",
    verdict: "delivered",
    writes: [{ entity: "deal", id: 7, until: NOON_SECONDS, ...written }],
  };
  await service`select amocrm_log_requests('amocrm-drain', ${JSON.stringify([request])}::text::jsonb)`;
}
/** What hooks of deal 7 named, gathered and sieved ten seconds after noon. */
async function sieve(named: Record<string, unknown>[]): Promise<void> {
  for (const one of named) {
    const hint = [{ entity: "deal", id: 7, ...one }];
    await sql`select amocrm.note_hints(${JSON.stringify(hint)}::text::jsonb)`;
  }
  await setTestClock(new Date(NOON.getTime() + 10 * SECOND_MS), sql, service);
  await sql`select amocrm.sieve_hints()`;
}
const hints = () =>
  sql`select entity, amocrm_id, due_at is not null as is_due from amocrm.hints order by 1, 2`;

describe("a change that a hook names", () => {
  test.each([
    ["before our own write", [-30], true],
    ["before our own write, and that write", [-30, 0], true],
    ["by our own write", [0], false],
    ["after our own write", [30], true],
  ])("is read again if it happened %s: %j s after it, %s", async (_when, seconds, isRead) => {
    await writeAtNoon();
    await sieve(seconds.map((later) => ({ action: "update", updatedAt: NOON_SECONDS + later })));
    expect(await hints()).toEqual([{ entity: "deal", amocrm_id: expect.anything(), is_due: isRead }]);
  });

  const HERE_PUT = { pipeline_id: 4400, status_id: 61_001 };
  const MIRRORED =
    "insert into amocrm_deals (amocrm_deal_id, pipeline_id, status_id) values (7, 4400, 61001)";
  test.each([
    ["in the place that we gave it", HERE_PUT, "", ["4400.61001"], false],
    ["in another place", HERE_PUT, "", ["4400.61002"], true],
    ["in two places, as one that we made and a manager moved", {}, "", ["4400.61001", "4400.61002"], true],
    ["in the place where the mirror has it", {}, MIRRORED, ["4400.61001"], false],
    ["in another place than the mirror's", {}, MIRRORED, ["4500.62001"], true],
    ["without a place", HERE_PUT, "", [undefined], false],
  ])(
    "of the second of our own write that shows the deal %s is no more than its echo, or read: %j",
    async (_where, put, mirrored, places, isRead) => {
      await sql.unsafe(mirrored);
      await writeAtNoon({ ...put, is_created: true });
      await sieve(places.map((place) => ({ action: "status", updatedAt: NOON_SECONDS, place })));
      expect(await hints()).toEqual([{ entity: "deal", amocrm_id: expect.anything(), is_due: isRead }]);
    },
  );
});
