import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers, withoutStudentHandler } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

test("amocrm_outbox_status tells how many messages are where, and why", async () => {
  await withoutStudentHandler(sql);
  await insertLeads(sql, strangers(6));
  await sql`insert into tripwire_users (email) values ('s@example.com')`;
  await drainer.claim(5);
  await drainer.markSent([4], "create");
  await drainer.settle([
    { id: 1, verdict: "delivered" },
    { id: 2, verdict: "retry", wait_ms: 60_000, code: "no_route" },
    { id: 3, verdict: "rejected", code: "status_unknown" },
    { id: 4, verdict: "uncertain", wait_ms: 30_000, code: "timeout" },
  ]);
  await insertLeads(sql, strangers(1, "new"));
  const rows =
    await sql`select kind, state, reason, message_count, oldest_at, next_attempt_at from amocrm_outbox_status`;
  expect(rows).toMatchObject(
    [
      ["lead.created", "dead", "status_unknown", 1, null],
      ["lead.created", "delivered", "last hour", 1, null],
      ["lead.created", "leased", null, 1, null],
      ["lead.created", "pending", "new", 1, NOON],
      ["lead.created", "pending", "no_route", 1, noonPlus(60_000)],
      ["lead.created", "pending", null, 1, NOON],
      ["lead.created", "uncertain", "timeout", 1, noonPlus(30_000)],
      ["student.created", "pending", "no_handler", 1, NOON],
    ].map(([kind, state, reason, message_count, next_attempt_at]) => ({
      kind,
      state,
      reason,
      message_count,
      oldest_at: NOON,
      next_attempt_at,
    })),
  );
  await setTestClock(noonPlus(HOUR_MS), sql);
  expect(await sql`select from amocrm_outbox_status where state = 'delivered'`).toHaveLength(0);
});

describe("amocrm_dead_letters", () => {
  test("names each dead message with its reason and a remedy that works", async () => {
    const [id] = await insertLeads(sql, strangers(1));
    await drainer.claim();
    await drainer.settle([
      { id: 1, verdict: "rejected", code: "status_unknown", message: "status_id: no such stage" },
    ]);
    const [letter] = await sql`select * from amocrm_dead_letters`;
    expect(letter).toMatchObject({
      id: 1,
      kind: "lead.created",
      error_code: "status_unknown",
      error_message: "status_id: no such stage",
      subject_table: "unified_lead_tracking",
      subject_id: id,
    });
    await sql.unsafe(/select .*$/.exec(letter?.["remedy"])?.[0] ?? "");
    expect(await sql`select from amocrm_dead_letters`).toHaveLength(0);
    expect((await drainer.claim()).map((message) => message.id)).toEqual([1]);
  });
});

describe("amocrm_duplicates", () => {
  test("lists a pair until it is resolved", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    const pair = { type: "contact", kept_id: 501, other_id: 502, reason: "same phone" };
    await drainer.settle([{ id: 1, verdict: "delivered", duplicates: [pair] }]);
    expect(
      await sql`select type, kept_id, other_id, reason, outbox_id, found_at from amocrm_duplicates`,
    ).toEqual([{ ...pair, outbox_id: 1, found_at: NOON }]);
    await sql`update amocrm.duplicates set resolved_at = ${NOON}`;
    expect(await sql`select from amocrm_duplicates`).toHaveLength(0);
  });
});
