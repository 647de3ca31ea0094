import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let drainer: Drainer;
const at = (ms: number) => setTestClock(noonPlus(ms), sql, drainer.sql, superuser);
beforeEach(async () => {
  drainer = openDrainer(database);
  await at(0);
  await drainer.begin();
});

const attempts = async () =>
  await sql`select queue, message_id, kind, started_at, ended_at, state, error_code, wait_ms from amocrm.attempts order by ended_at, message_id`;
const REQUEST = {
  ago_ms: 1500,
  method: "GET",
  path: "/api/v4/contacts?query=ann@example.com",
  http_status: 200,
  verdict: "delivered",
  error_code: null,
  duration_ms: 400,
  waited_ms: 1000,
  item_count: 1,
  message_ids: [1, 2],
};
const log = (...requests: object[]) =>
  drainer.sql`select amocrm_log_requests('amocrm-drain', ${JSON.stringify(requests)}::text::jsonb)`;
const partitions = async (table: string): Promise<string[]> =>
  (
    await sql`select inhrelid::regclass::text as name from pg_inherits where inhparent = ${`amocrm.${table}`}::regclass order by 1`
  ).map(({ name }) => name);

describe("a try of a message", () => {
  test("is logged with what came of it", async () => {
    await insertLeads(sql, strangers(3));
    await drainer.claim();
    await at(2000);
    await drainer.settle([
      { id: 1, verdict: "delivered" },
      { id: 2, verdict: "retry", code: "server_error", wait_ms: 5000 },
      { id: 3, verdict: "rejected", code: "validation_failed" },
    ]);
    const common = { queue: "amocrm", kind: "lead.created", started_at: NOON, ended_at: noonPlus(2000) };
    expect(await attempts()).toEqual([
      { ...common, message_id: 1, state: "delivered", error_code: null, wait_ms: null },
      { ...common, message_id: 2, state: "pending", error_code: "server_error", wait_ms: 5000 },
      { ...common, message_id: 3, state: "dead", error_code: "validation_failed", wait_ms: null },
    ]);
  });

  test("is logged once its worker is found dead", async () => {
    await insertLeads(sql, strangers(2));
    await drainer.claim();
    await drainer.markSent([2], "create_deals");
    await at(MINUTE_MS);
    await drainer.begin();
    expect(await attempts()).toMatchObject([
      { message_id: 1, state: "pending", error_code: "worker_died", started_at: NOON },
      { message_id: 2, state: "uncertain", error_code: "worker_died_unanswered" },
    ]);
  });

  test("is not logged when it was given back unsent, or when its lease was lost", async () => {
    await insertLeads(sql, strangers(2));
    await drainer.claim();
    await drainer.release([1]);
    const other = openDrainer(database);
    await other.settle([{ id: 2, verdict: "delivered" }]);
    expect(await attempts()).toEqual([]);
  });

  test.each([
    "alter table amocrm.attempts rename to attempts_gone",
    "alter table amocrm.attempts add constraint full_disk check (false) not valid",
  ])("is settled all the same when it cannot be logged: %s", async (damage) => {
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    await superuser.unsafe(damage);
    try {
      expect(await drainer.settle([{ id: 1, verdict: "delivered" }])).toEqual([1]);
    } finally {
      await superuser.unsafe(
        damage.includes("rename")
          ? "alter table amocrm.attempts_gone rename to attempts"
          : "alter table amocrm.attempts drop constraint full_disk",
      );
    }
    expect((await messages(sql))[0]?.state).toBe("delivered");
  });
});

describe("amocrm_log_requests", () => {
  test("keeps when a request left and how it ended, and no query", async () => {
    await log(REQUEST, {
      ...REQUEST,
      ago_ms: 0,
      http_status: null,
      verdict: "uncertain",
      error_code: "timeout",
      message_ids: [],
    });
    const rows = await sql`select * from amocrm.requests order by at`;
    expect(rows).toMatchObject([
      {
        at: noonPlus(-1500),
        function_name: "amocrm-drain",
        method: "GET",
        path: "/api/v4/contacts",
        http_status: 200,
        verdict: "delivered",
        error_code: null,
        duration_ms: 400,
        waited_ms: 1000,
        item_count: 1,
        message_ids: [1, 2],
      },
      { at: NOON, http_status: null, error_code: "timeout", message_ids: [] },
    ]);
  });
});

describe("amocrm.keep_logs", () => {
  test("makes the partitions of today and three days ahead, once, and rows go there", async () => {
    await sql`select amocrm.keep_logs()`;
    const made = ["20310505", "20310506", "20310507", "20310508"];
    for (const table of ["requests", "attempts"]) {
      expect(await partitions(table)).toEqual(
        expect.arrayContaining(made.map((day) => `amocrm.${table}_${day}`)),
      );
    }
    expect((await sql`select amocrm.keep_logs() as count`)[0]?.["count"]).toBe(0);
    await log(REQUEST);
    expect(await sql`select tableoid::regclass::text as partition from amocrm.requests`).toEqual([
      { partition: "amocrm.requests_20310505" },
    ]);
  });

  test("drops days that are older than the setting, and no younger one", async () => {
    await sql`update amocrm_settings set keep_requests_days = 5`;
    await sql`select amocrm.keep_logs()`;
    await log(REQUEST);
    await at(5 * DAY_MS);
    await sql`select amocrm.keep_logs()`;
    expect(await partitions("requests")).toContain("amocrm.requests_20310505");
    await at(6 * DAY_MS);
    await sql`select amocrm.keep_logs()`;
    expect(await partitions("requests")).not.toContain("amocrm.requests_20310505");
    expect(await partitions("requests")).toContain("amocrm.requests_20310506");
    expect(await sql`select from amocrm.requests`).toHaveLength(0);
  });

  test("finds a place for rows of a day that cron was too late for, and moves them when it is back", async () => {
    await at(100 * DAY_MS);
    await log(REQUEST);
    expect(await sql`select tableoid::regclass::text as partition from amocrm.requests`).toEqual([
      { partition: "amocrm.requests_rest" },
    ]);
    await sql`select amocrm.keep_logs()`;
    expect(await sql`select tableoid::regclass::text as partition from amocrm.requests`).toEqual([
      { partition: "amocrm.requests_20310813" },
    ]);
    expect(await sql`select from amocrm.requests_rest`).toHaveLength(0);
  });

  test("clears old rows from the rest, too", async () => {
    await log(REQUEST);
    await superuser`update amocrm.requests set at = ${noonPlus(-30 * DAY_MS)}`;
    await sql`select amocrm.keep_logs()`;
    expect(await sql`select from amocrm.requests`).toHaveLength(0);
  });

  test("leaves new partitions as closed as the others", async () => {
    await sql`select amocrm.keep_logs()`;
    expect(
      await sql`select relname from pg_class where relnamespace = 'amocrm'::regnamespace and relname ~ '_2031\d+$'
        and relkind = 'r' and (not relrowsecurity or obj_description(oid, 'pg_class') is null)`,
    ).toHaveLength(0);
  });
});
