import { expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;

test("a new route wakes the leads that waited for one, and no others", async () => {
  await insertLeads(sql, strangers(2));
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql);
  await drainer.begin();
  await drainer.claim();
  await drainer.settle([
    { id: 1, verdict: "retry", spends_attempt: false, code: "no_route", wait_ms: 60_000 },
    { id: 2, verdict: "retry", spends_attempt: false, code: "server_error", wait_ms: 60_000 },
  ]);
  await drainer.end();
  await sql`insert into amocrm_routes (source) values ('*')`;
  const due = await sql`select id::int from amocrm_outbox where next_attempt_at <= ${NOON} order by id`;
  expect([...due]).toEqual([{ id: 1 }]);
});

test("a route that came while its lead was with a drain counts at once, one for others does not", async () => {
  const [lead, other] = strangers(2);
  await insertLeads(sql, [
    { ...lead, source: "webinar" },
    { ...other, source: "call" },
  ]);
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql, sql);
  await drainer.begin();
  await drainer.claim();
  await sql`insert into amocrm_routes (source) values ('webinar')`;
  await setTestClock(noonPlus(2000), drainer.sql, sql);
  const waiting = { verdict: "retry", spends_attempt: false, wait_ms: 60_000 } as const;
  await drainer.settle([
    { id: 1, code: "no_route", ...waiting },
    { id: 2, code: "no_route", ...waiting },
  ]);
  const due = () =>
    sql`select id::int from amocrm_outbox where next_attempt_at <= ${noonPlus(2000)} order by id`;
  expect([...(await due())]).toEqual([{ id: 1 }]);
  await drainer.claim();
  await drainer.settle([{ id: 1, code: "no_main_pipeline", ...waiting }]);
  expect([...(await due())]).toEqual([]);
  await sql`update amocrm_routes set pipeline_id = 4400 where source = 'webinar'`;
  expect([...(await due())]).toContainEqual({ id: 1 });
});

test("a new stage wakes the students that waited for one, and no leads", async () => {
  await sql`insert into tripwire_users (email, welcome_email_sent_at) values ('s@example.com', now())`;
  await insertLeads(sql, strangers(1));
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql);
  await drainer.begin();
  await drainer.claim();
  await drainer.settle([
    { id: 1, verdict: "retry", spends_attempt: false, code: "no_stage", wait_ms: 60_000 },
    { id: 2, verdict: "retry", spends_attempt: false, code: "no_route", wait_ms: 60_000 },
  ]);
  await drainer.end();
  await sql`insert into amocrm_stages (event, pipeline_id, status_id) values ('student.created', 4500, 62001)`;
  const due = await sql`select id::int from amocrm_outbox where next_attempt_at <= ${NOON} order by id`;
  expect([...due]).toEqual([{ id: 1 }]);
});
