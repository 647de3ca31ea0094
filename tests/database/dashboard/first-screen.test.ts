import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { ADMIN, openDataApi, VIEWER } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

async function work(): Promise<void> {
  await insertLeads(sql, strangers(6));
  await setTestClock(noonPlus(8_000), sql, drainer.sql);
  await drainer.claim();
  await setTestClock(noonPlus(10_000), sql, drainer.sql);
  await drainer.settle([
    { id: 1, verdict: "delivered" },
    { id: 2, verdict: "delivered" },
    { id: 3, verdict: "rejected", code: "validation_failed", message: "field 12 is odd" },
    { id: 4, verdict: "rejected", code: "validation_failed", message: "field 13 is odd" },
    { id: 5, verdict: "retry", wait_ms: 60_000, code: "server_error", message: "502" },
  ]);
}
const screen = async () => (await sql`select amocrm_dashboard() as answer`)[0]?.["answer"];

test("the first screen answers its four questions in one call", async () => {
  await work();
  await sql`select amocrm.fold_flow()`;
  const answer = await screen();
  expect(answer).toMatchObject({
    may_change: true,
    alive: { is_working: false, breaker_code: null },
    flow: { window_minutes: 60, waiting_count: 2, is_estimate: false },
    person: { dead: 2, duplicates: 0, quarantine: 0, unmapped_forms: 0, uncertain_long: 0, held_tells: 0 },
  });
  expect(answer.flow.minutes).toEqual([[expect.stringContaining("12:00:00"), 6, 2, 2, 1]]);
  expect(answer.errors).toMatchObject([
    { kind: "lead.created", error_code: "validation_failed", message: "field # is odd", message_count: 2 },
    {
      kind: "lead.created",
      error_code: "server_error",
      message: "#",
      message_count: 1,
      states: { pending: 1 },
    },
  ]);
});

test("in Russian it says problem and remedy in Russian, and a viewer may not change", async () => {
  await work();
  await sql`select amocrm_pause('a break')`;
  const answer = (await runAs(VIEWER, (session) => session`select amocrm_dashboard('ru') as answer`))[0];
  expect(answer?.["answer"]).toMatchObject({ may_change: false });
  expect(answer?.["answer"].alive.problem).toMatch(/^Отправка на паузе/);
});

describe("the flow", () => {
  test("is the same however often it is counted, and adds up to hours", async () => {
    await work();
    for (let again = 0; again < 3; again++) await sql`select amocrm.fold_flow()`;
    const rows =
      await sql`select span, in_count, delivered_count, dead_count, failed_count from amocrm.flow_counts order by span`;
    const one = { in_count: 6, delivered_count: 2, dead_count: 2, failed_count: 1 };
    expect(rows).toEqual([
      { span: "hour", ...one },
      { span: "minute", ...one },
    ]);
  });

  test("tells percentiles within a fifth of the truth, by kind and for all", async () => {
    await work();
    await sql`select amocrm.fold_flow()`;
    const rows = await sql`select * from amocrm.percentiles('amocrm', 'minute', ${noonPlus(-HOUR_MS)})`;
    const wait = rows.find(({ kind, measure }) => kind === "*" && measure === "wait");
    const run = rows.find(({ kind, measure }) => kind === "lead.created" && measure === "run");
    expect(wait?.["message_count"]).toBe(2);
    expect(run?.["message_count"]).toBe(5);
    for (const [value, truth] of [
      [wait?.["half_ms"], 8_000],
      [run?.["nearly_all_ms"], 2_000],
    ]) {
      expect(value).toBeGreaterThanOrEqual(truth);
      expect(value).toBeLessThan(truth * 1.2);
    }
  });

  test("is forgotten in time: minutes after a day, hours after five weeks", async () => {
    await work();
    await sql`select amocrm.fold_flow()`;
    await setTestClock(noonPlus(27 * HOUR_MS), sql);
    await sql`select amocrm.prune_flow(1000)`;
    expect(await sql`select distinct span from amocrm.flow_counts`).toEqual([{ span: "hour" }]);
    await setTestClock(noonPlus(36 * 24 * HOUR_MS), sql);
    await sql`select amocrm.prune_flow(1000)`;
    expect(await sql`select from amocrm.flow_counts`).toHaveLength(0);
    expect(await sql`select from amocrm.flow_buckets`).toHaveLength(0);
  });
});

test("pace shows three windows, requests by hour, and what was changed when", async () => {
  await work();
  await sql`select amocrm.fold_flow()`;
  await sql`select amocrm_change_settings('{"min_interval_ms": 1000}')`;
  const answer = (await sql`select amocrm_pace() as answer`)[0]?.["answer"];
  expect(Object.keys(answer.percentiles.amocrm).toSorted()).toEqual(["1h", "24h", "7d"]);
  expect(answer.percentiles.amocrm["7d"].length).toBeGreaterThan(0);
  expect(answer.marks).toMatchObject([{ what: "setting", name: "change_settings" }]);
});

describe("settings", () => {
  beforeEach(async () => {
    await sql`select amocrm_store_pipelines('[{"pipeline_id": 10, "name": "Sales", "sort": 1, "is_main": true,
      "stages": [{"id": 101, "name": "New", "sort": 1}]}]')`;
  });

  test("are changed by an admin, checked, and written down with what they were", async () => {
    await runAs(ADMIN, (session) => session`select amocrm_change_settings('{"min_interval_ms": 500}')`);
    await runAs(ADMIN, (session) => session`select amocrm_set_route('webinar', 10, 101)`);
    await runAs(ADMIN, (session) => session`select amocrm_set_stage('lesson.67', 10, 101)`);
    await runAs(ADMIN, (session) => session`select amocrm_set_stage('certificate.issued', 10, 101)`);
    const now = (await runAs(VIEWER, (session) => session`select amocrm_settings_now() as answer`))[0]?.[
      "answer"
    ];
    expect(now).toMatchObject({
      settings: { min_interval_ms: 500 },
      routes: [{ source: "webinar", pipeline_id: 10, status_id: 101, on_repeat: "note" }],
      stages: [
        { event: "certificate.issued", status_id: 101 },
        { event: "lesson.67", status_id: 101 },
      ],
      pipelines: [{ id: 10, name: "Sales", stages: [{ id: 101, name: "New" }] }],
    });
    expect(await sql`select action, result from amocrm_actions order by id`).toMatchObject([
      { action: "change_settings", result: { was: { min_interval_ms: 2000 } } },
      { action: "set_route", result: {} },
      { action: "set_stage", result: {} },
      { action: "set_stage", result: {} },
    ]);
  });

  test.each([
    ["amocrm_change_settings('{\"min_interval_ms\": 1}')", "23514"],
    ["amocrm_change_settings('{\"is_the_only_row\": false}')", "22023"],
    ["amocrm_change_settings('{}')", "22023"],
    ["amocrm_set_route('webinar', 10, 999)", "22023"],
    ["amocrm_set_route('webinar', 11)", "22023"],
    ["amocrm_set_route(' ', 10)", "22023"],
    ["amocrm_set_stage('lesson.x', 10, 101)", "22023"],
    ["amocrm_set_stage('lesson.67', 10, null)", "22023"],
  ])("%s is refused", async (call, code) => {
    expect(await errorOf(sql.unsafe(`select ${call}`))).toMatchObject({ code });
    expect(await sql`select from amocrm_actions`).toHaveLength(0);
  });
});
