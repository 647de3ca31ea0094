import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import { ADMIN, MANAGER, openDataApi, VIEWER } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
beforeEach(() => setTestClock(NOON, sql));

const DEAD = '{"states": ["dead"]}';

async function die(count: number, code = "validation_failed"): Promise<void> {
  await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, is_fresh, state, last_error_code, last_error_message)
    select 'amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), false, 'dead', ${code}, 'field ' || n || ' is odd'
    from generate_series(1, ${count}::int) as n`;
}
const start = async (action: string, filter: string, confirmed: number | null): Promise<number> =>
  (
    await runAs(
      ADMIN,
      (session) => session`select amocrm_bulk_start(${action}, ${filter}::text::jsonb, ${confirmed}) as job`,
    )
  )[0]?.["job"];
const counts = async () =>
  Object.fromEntries(
    (await sql`select state, count(*) as rows from public.amocrm_outbox group by 1`).map(
      ({ state, rows }) => [state, rows],
    ),
  );
const job = async () =>
  (await sql`select state, message_count, done_count, left_count from amocrm_bulk_jobs`)[0];

describe("a bulk action", () => {
  test("touches exactly the messages that were there, while others die", async () => {
    await die(5000);
    // One that is older than all of them, and dies only after the start.
    await sql`insert into amocrm.outbox (queue, id, kind, subject_table, subject_id, is_fresh, state)
      overriding system value values ('amocrm', 0, 'lead.created', 'unified_lead_tracking', gen_random_uuid(), false, 'pending')`;
    const preview = (await sql`select amocrm_bulk_preview('requeue', ${DEAD}::text::jsonb) as answer`)[0]?.[
      "answer"
    ];
    expect(preview).toMatchObject({ count: 5000, is_more: false, kinds: { "lead.created": 5000 } });
    expect(preview.samples).toHaveLength(3);
    const id = await start("requeue", DEAD, 5000);
    expect(await job()).toEqual({ state: "running", message_count: 5000, done_count: 500, left_count: 0 });
    await die(7);
    await sql`update amocrm.outbox set state = 'dead', last_error_code = 'validation_failed' where queue = 'amocrm' and id = 0`;
    while ((await sql`select amocrm.run_bulks() as rows`)[0]?.["rows"] > 0);
    expect(await job()).toEqual({ state: "done", message_count: 5000, done_count: 5000, left_count: 0 });
    expect(await counts()).toEqual({ pending: 5000, dead: 8 });
    const [written] = await sql`select action, user_id, arguments, result from amocrm_actions`;
    expect(written).toEqual({
      action: "bulk_requeue",
      user_id: ADMIN.claims?.sub,
      arguments: { job: id, filter: { states: ["dead"] } },
      result: { message_count: 5000 },
    });
  });

  test("stops half-way and says how far it came", async () => {
    await die(1200);
    const id = await start("cancel", DEAD, 1200);
    expect((await sql`select amocrm_bulk_stop(${id}) as stopped`)[0]).toEqual({ stopped: true });
    await sql`select amocrm.run_bulks()`;
    expect(await job()).toEqual({ state: "stopped", message_count: 1200, done_count: 500, left_count: 0 });
    expect(await counts()).toEqual({ cancelled: 500, dead: 700 });
    expect((await sql`select amocrm_bulk_stop(${id}) as stopped`)[0]).toEqual({ stopped: false });
  });

  test("leaves alone what changed meanwhile, and what a person has to look for first", async () => {
    await die(601);
    await die(1, "look_unclear");
    await start("requeue", DEAD, 602);
    await sql`select amocrm_cancel(550)`;
    await sql`delete from amocrm.outbox where queue = 'amocrm' and id = 551`;
    await sql`select amocrm.run_bulks()`;
    expect(await job()).toEqual({ state: "done", message_count: 602, done_count: 599, left_count: 3 });
    const [left] = await sql`select left_alone from amocrm_bulk_jobs`;
    expect(left?.["left_alone"]).toEqual([
      { id: 550, was: "dead", result: "changed" },
      { id: 551, was: "dead", result: "gone" },
      { id: 602, was: "dead", result: "look_first" },
    ]);
  });

  test("is refused when more match than were confirmed, and takes only states where it makes sense", async () => {
    await die(101);
    expect(await errorOf(start("requeue", DEAD, 100))).toMatchObject({
      code: "22023",
      message: "101 messages match, 100 were confirmed",
    });
    expect(await outcomeOf(start("requeue", DEAD, null))).toBe("22023");
    expect(await outcomeOf(start("delete", DEAD, 101))).toBe("22023");
    expect(await outcomeOf(start("requeue", '{"everything": true}', 101))).toBe("22023");
    await start("requeue", '{"states": ["delivered"]}', 0);
    expect(await counts()).toEqual({ dead: 101 });
  });

  test.each([VIEWER, MANAGER])("is refused to $claims.app_metadata.role", async (caller) => {
    await die(3);
    for (const call of [
      `amocrm_bulk_start('requeue', '${DEAD}', 3)`,
      `amocrm_bulk_preview('requeue', '${DEAD}')`,
      "amocrm_bulk_stop(1)",
    ]) {
      expect(await outcomeOf(runAs(caller, (session) => session.unsafe(`select ${call}`)))).toBe("42501");
    }
    expect(await counts()).toEqual({ dead: 3 });
  });
});
