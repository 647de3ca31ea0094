import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, NOON, noonPlus, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { errorOf } from "../../support/errors.ts";
import { contactRow, dealRow, openPuller, type Puller } from "../../support/puller.ts";

const database = await useDatabase();
const { sql } = database;
const puller = openPuller(database);
const rival = openPuller(database);

let now = NOON;

async function at(ms: number): Promise<void> {
  now = noonPlus(ms);
  await setTestClock(noonPlus(ms), sql, puller.sql, rival.sql);
}

beforeEach(async () => {
  await sql`update amocrm.cursors set is_complete = false, changed_until = null`;
  await at(0);
});

/** Runs one entity from beginning to end. */
async function pullThrough(who: Puller, rows: object[] = []): Promise<string> {
  const { pull } = await who.begin();
  await who.page(pull.id, rows);
  await who.finish(pull.id, now);
  return pull.entity;
}

describe("a run", () => {
  test("of contacts comes first, then one of deals, then nothing is due until the interval is over", async () => {
    expect(await pullThrough(puller)).toBe("contact");
    expect(await pullThrough(puller)).toBe("deal");
    expect(await puller.begin()).toEqual({ outcome: "not_due" });
    await puller.end();
    await at(899 * SECOND_MS);
    expect(await puller.begin()).toEqual({ outcome: "not_due" });
    await at(900 * SECOND_MS);
    expect(await puller.begin()).toMatchObject({
      outcome: "granted",
      pull: {
        entity: "contact",
        kind: "window",
        changedUntil: expect.stringContaining("2031-05-05T12:00:00"),
      },
    });
  });

  test("is one at a time, and a dead one's lease runs out", async () => {
    expect(await puller.begin()).toMatchObject({ outcome: "granted" });
    expect(await rival.begin()).toEqual({ outcome: "busy" });
    await at(30 * SECOND_MS);
    const taken = await rival.begin();
    expect(taken).toMatchObject({ outcome: "granted" });
    const late = await errorOf(puller.page(taken.pull.id, [contactRow(1, 10)]));
    expect(late.code).toBe("OB001");
    expect(await sql`select from amocrm.contacts`).toHaveLength(0);
  });

  test("that was killed goes on as the same run, where its last page left it", async () => {
    const { pull } = await puller.begin();
    await puller.page(pull.id, [contactRow(1, 10)], { position: { kind: "first", phase: "walk", page: 3 } });
    await at(MINUTE_MS);
    const next = await rival.begin();
    expect(next.pull).toMatchObject({ id: pull.id, kind: "first", position: { phase: "walk", page: 3 } });
  });

  test("that failed is recorded with its code, and another goes on where it stopped, later and later", async () => {
    const waits: number[] = [];
    let nowMs = 0;
    for (let count = 0; count < 9; count++) {
      const { pull } = await puller.begin();
      await puller.page(pull.id, [], { position: { kind: "first", phase: "walk", page: 7 } });
      await puller.fail(pull.id);
      expect(await puller.begin()).toEqual({ outcome: "not_due" });
      const [cursor] =
        await sql`select next_attempt_at, position from amocrm.cursors where entity = 'contact'`;
      expect(cursor?.["position"]).toMatchObject({ page: 7 });
      waits.push((cursor?.["next_attempt_at"].getTime() - noonPlus(nowMs).getTime()) / MINUTE_MS);
      nowMs = cursor?.["next_attempt_at"].getTime() - NOON.getTime();
      await at(nowMs);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    const runs = await sql`select state, kind, error_code from amocrm.pulls`;
    expect(runs).toHaveLength(9);
    expect(runs[0]).toEqual({ state: "failed", kind: "first", error_code: "server_error" });
    expect((await puller.begin()).pull).toMatchObject({ kind: "first", position: { page: 7 } });
  });

  test("is not begun while sending is paused or the breaker is open", async () => {
    await sql`select amocrm_pause('moving')`;
    expect(await puller.begin()).toEqual({ outcome: "paused" });
    await sql`select amocrm_resume()`;
    await sql`select amocrm.open_breaker('amocrm', 'unpaid', 'Pay', 60, 300)`;
    expect(await puller.begin()).toEqual({ outcome: "breaker_open" });
  });

  test("counts what is new and what changed, and a page that repeats rows counts nothing", async () => {
    const { pull } = await puller.begin();
    await puller.page(pull.id, [contactRow(1, 10), contactRow(2, 10), contactRow(2, 11)]);
    await puller.page(pull.id, [contactRow(1, 10), contactRow(2, 10), contactRow(3, 5)]);
    await puller.page(pull.id, [contactRow(1, 12)], { pagesLeft: 4 });
    expect(
      await sql`select page_count, new_count, changed_count, deleted_count, pages_left from amocrm.pulls`,
    ).toEqual([{ page_count: 3, new_count: 3, changed_count: 1, deleted_count: 0, pages_left: 4 }]);
  });

  test("of deals begins where the operator wished, once", async () => {
    await pullThrough(puller);
    await pullThrough(puller);
    await puller.end();
    await at(MINUTE_MS);
    await puller.sql`select amocrm_pull_request('2031-01-01T00:00:00Z', false)`;
    expect(await pullThrough(puller)).toBe("contact");
    const { pull } = await puller.begin();
    expect(pull).toMatchObject({
      entity: "deal",
      kind: "since",
      since: expect.stringContaining("2031-01-01"),
    });
    await puller.finish(pull.id, noonPlus(MINUTE_MS));
    expect(await puller.begin()).toEqual({ outcome: "not_due" });
  });
});

describe("deletions", () => {
  async function mirrorOf(count: number): Promise<number> {
    const rows = Array.from({ length: count }, (_, index) => contactRow(index + 1, 10));
    await pullThrough(puller, rows);
    await at(HOUR_MS);
    return (await puller.begin()).pull.id;
  }
  const deleted = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => contactRow(from + index, 20, { isDeleted: true }));

  test("become tombstones that an older version does not raise", async () => {
    const pullId = await mirrorOf(20);
    expect(await puller.page(pullId, deleted(1, 2))).toEqual({ isRefused: false, deletedCount: 2 });
    await puller.page(pullId, [contactRow(1, 15)]);
    expect(await sql`select amocrm_contact_id from amocrm.contacts where is_deleted order by 1`).toEqual([
      { amocrm_contact_id: 1 },
      { amocrm_contact_id: 2 },
    ]);
  });

  test("of more than a fifth of the mirror in one run are refused, over several pages too, and nothing is stored", async () => {
    const pullId = await mirrorOf(100);
    expect(await puller.page(pullId, deleted(1, 15))).toMatchObject({ isRefused: false });
    expect(await puller.page(pullId, deleted(16, 20))).toMatchObject({ isRefused: false });
    const position = { kind: "window", phase: "deleted", page: 9 };
    expect(await puller.page(pullId, deleted(21, 21), { position })).toMatchObject({ isRefused: true });
    const [row] = await sql`select count(*)::int from amocrm.contacts where is_deleted`;
    expect(row).toEqual({ count: 20 });
    const [cursor] = await sql`select position from amocrm.cursors where entity = 'contact'`;
    expect(cursor?.["position"]).not.toEqual(position);
  });

  test("of any number are stored by the run that the operator begins for them, and refused again later", async () => {
    const pullId = await mirrorOf(100);
    expect(await puller.page(pullId, deleted(1, 50))).toMatchObject({ isRefused: true });
    await puller.fail(pullId, "mass_deletion");
    await puller.sql`select amocrm_pull_request(null, true)`;
    const { pull } = await puller.begin();
    expect(await puller.page(pull.id, deleted(1, 50))).toEqual({ isRefused: false, deletedCount: 50 });
    await puller.finish(pull.id, noonPlus(HOUR_MS));
    await at(3 * HOUR_MS);
    const later = await puller.begin();
    expect(await puller.page(later.pull.id, deleted(51, 90))).toMatchObject({ isRefused: true });
  });

  test("of five are let through in a small mirror", async () => {
    const pullId = await mirrorOf(8);
    expect(await puller.page(pullId, deleted(1, 5))).toMatchObject({ isRefused: false });
    expect(await puller.page(pullId, deleted(6, 6))).toMatchObject({ isRefused: true });
  });
});

describe("deals that contacts name", () => {
  test("are missing until they were asked for, whether they came or not", async () => {
    const { pull } = await puller.begin();
    await puller.page(pull.id, [
      contactRow(1, 10, { dealIds: [5, 6] }),
      contactRow(2, 10, { dealIds: [6, 7] }),
    ]);
    await puller.finish(pull.id, NOON);
    const deals = await puller.begin();
    expect(await puller.missing()).toEqual([5, 6, 7]);
    await puller.page(deals.pull.id, [dealRow(7, 10)]);
    expect(await puller.missing()).toEqual([5, 6]);
    await puller.page(deals.pull.id, [dealRow(5, 10)], { asked: [5, 6] });
    expect(await puller.missing()).toEqual([]);
    expect(await sql`select from amocrm.missing_deals`).toHaveLength(0);
  });
});
