import { beforeEach, expect, test } from "vitest";
import { DAY_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { outcomeOf } from "../support/errors.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { ADMIN, openDataApi, SERVICE } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const runAs = openDataApi(database);
beforeEach(() => setTestClock(NOON, sql, superuser));

const actions = async () =>
  await sql`select actor, user_id, action, arguments, result from amocrm_actions order by id`;

test("every action of an admin is written down: who, when, what, and what came of it", async () => {
  await insertLeads(sql, strangers(1));
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql);
  await drainer.begin();
  await drainer.claim();
  await drainer.settle([{ id: 1, verdict: "rejected", code: "validation_failed" }]);
  for (const call of [
    "amocrm_pause('moving to another account')",
    "amocrm_resume()",
    "amocrm_requeue(1)",
    "amocrm_cancel(1)",
    "amocrm_backfill('unified_lead_tracking')",
    "amocrm_release_quarantine(p_source => 'webinar')",
    "amocrm_discard_quarantine('flood')",
    "message_pause('a break', 'message')",
    "message_resume('message')",
    "message_allow_address('a@example.com')",
  ]) {
    await runAs(ADMIN, (session) => session.unsafe(`select ${call}`));
  }
  await runAs(
    SERVICE,
    (session) => session`select amocrm_set_vault('https://x.example/functions/v1', 'sb_secret_x')`,
  );
  await sql`select amocrm_pause('from psql')`;

  const admin = { actor: "authenticated", user_id: ADMIN.claims?.sub };
  expect(await actions()).toEqual([
    {
      ...admin,
      action: "pause",
      arguments: { queue: "amocrm", reason: "moving to another account" },
      result: {},
    },
    { ...admin, action: "resume", arguments: { queue: "amocrm" }, result: {} },
    { ...admin, action: "requeue", arguments: { id: 1 }, result: { was: "dead" } },
    { ...admin, action: "cancel", arguments: { id: 1 }, result: { was: "pending" } },
    {
      ...admin,
      action: "backfill",
      arguments: { table: "unified_lead_tracking", since: null, limit: 1000 },
      result: { message_count: 0 },
    },
    {
      ...admin,
      action: "release_quarantine",
      arguments: { reason: null, source: "webinar", email_domain: null, since: null, limit: 1000 },
      result: { message_count: 0 },
    },
    {
      ...admin,
      action: "discard_quarantine",
      arguments: { reason: "flood", source: null, email_domain: null, since: null, limit: 1000 },
      result: { lead_count: 0 },
    },
    { ...admin, action: "pause", arguments: { queue: "message", reason: "a break" }, result: {} },
    { ...admin, action: "resume", arguments: { queue: "message" }, result: {} },
    { ...admin, action: "allow_address", arguments: {}, result: { was_suppressed: false } },
    {
      actor: "service_role",
      user_id: null,
      action: "set_vault",
      arguments: { functions_url: "https://x.example/functions/v1" },
      result: { is_new_url: true, is_new_token: true },
    },
    {
      actor: "postgres",
      user_id: null,
      action: "pause",
      arguments: { queue: "amocrm", reason: "from psql" },
      result: {},
    },
  ]);
  expect(JSON.stringify(await actions())).not.toMatch(/sb_secret_x|a@example/);
});

test("what the operator's command does by functions of its own is written down, too", async () => {
  await sql`select amocrm_pull_request('2031-05-01T00:00:00Z', true)`;
  await sql`select amocrm_oauth_make_link(repeat('0', 64), true)`;
  await sql`select amocrm_account_leave()`;
  expect(
    (await actions()).map(({ action, arguments: given, result }) => ({ action, given, result })),
  ).toEqual([
    {
      action: "pull",
      given: { since: expect.stringContaining("2031-05-01"), accepts_deletions: true },
      result: {},
    },
    { action: "make_link", given: { switch: true }, result: { link_id: 1 } },
    { action: "switch_account", given: {}, result: {} },
  ]);
});

test("what was refused leaves no action", async () => {
  expect(await outcomeOf(sql`select amocrm_requeue(99)`)).toBe("22023");
  expect(await outcomeOf(sql`select amocrm_pause(' ')`)).toBe("22023");
  expect(await actions()).toEqual([]);
});

test("actions are kept for a year", async () => {
  await sql`select amocrm_pause('long ago')`;
  await setTestClock(noonPlus(364 * DAY_MS), sql);
  await sql`select amocrm_pause('of late')`;
  await sql`select amocrm.prune(100)`;
  expect(await actions()).toHaveLength(2);
  await setTestClock(noonPlus(367 * DAY_MS), sql);
  expect((await sql`select amocrm.prune(100) as count`)[0]?.["count"]).toBe(1);
  expect(await actions()).toMatchObject([{ arguments: { reason: "of late" } }]);
});
