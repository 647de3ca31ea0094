import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { configureVault } from "../support/vault.ts";

/** How pg_net and pg_cron behave in a project that is at work for long, beside the project's own use of them. */
const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
beforeEach(async () => {
  await setTestClock(NOON, sql, superuser);
  await configureVault(sql);
});

describe("an answer of pg_net", () => {
  const answerOf = async () =>
    (await sql`select to_jsonb(answer) as answer from amocrm.call_answer(7, ${NOON}) as answer`)[0]?.[
      "answer"
    ];

  test("is ours if it came after the request was queued", async () => {
    await superuser`insert into net._http_response (id, status_code, created) values (7, 500, ${noonPlus(1)})`;
    expect(await answerOf()).toEqual({ status_code: 500, error: null });
  });

  test("is another request's if it is older: after a crash of the server the ids begin anew", async () => {
    await superuser`insert into net._http_response (id, status_code, created) values (7, 500, ${noonPlus(-1)})`;
    expect(await answerOf()).toEqual({ status_code: null, error: null });
  });

  test("to cron's call is looked for by the time of that very call, however often it was not called since", async () => {
    await insertLeads(sql, strangers(1));
    await superuser`truncate net.http_request_queue`;
    await sql`select amocrm_tick()`;
    const [queued] = await sql`select id from net.http_request_queue`;
    await setTestClock(noonPlus(10_000), sql);
    await sql`select amocrm_tick()`;
    const [beat] = await sql`select last_request_id, last_request_at, last_post_at, unanswered_post_count
      from amocrm.heartbeats where component = 'amocrm-drain'`;
    expect(beat).toEqual({
      last_request_id: queued?.["id"],
      last_request_at: NOON,
      last_post_at: noonPlus(10_000),
      unanswered_post_count: 2,
    });
  });
});

describe("a ring", () => {
  const post = async () => (await sql`select amocrm.post('amocrm-drain') as id`)[0]?.["id"];

  test("is left out while one waits to be sent", async () => {
    expect(await post()).toEqual(expect.any(Number));
    expect(await post()).toBeNull();
  });

  test("is queued while one is on its way: pg_net's batch may be held up by a slow request of anybody", async () => {
    await post();
    await superuser.unsafe("begin; delete from net.http_request_queue");
    try {
      expect(await post()).toEqual(expect.any(Number));
      expect(await post()).toBeNull();
    } finally {
      await superuser.unsafe("rollback");
    }
  });
});

describe("a run log of cron that the project never tidies", () => {
  const RUNS = 120_000;
  beforeEach(async () => {
    await superuser`insert into cron.job_run_details (jobid, username, status, start_time, end_time)
      select 999, 'postgres', 'succeeded', ${noonPlus(-30 * DAY_MS)}, ${noonPlus(-30 * DAY_MS)}
      from generate_series(1, ${RUNS})`;
    await superuser`insert into cron.job_run_details (jobid, username, status, start_time)
      select jobid, username, 'succeeded', ${NOON} from cron.job where jobname = 'amocrm-tick'`;
    await superuser`analyze cron.job_run_details`;
  });
  /** How many rows of the log a statement reads. */
  const readBy = (statement: string): Promise<number> =>
    sql.begin(async (transaction) => {
      // What earlier transactions read may not be told to the statistics yet, so it counts as this one's.
      const countRead = async (): Promise<number> => {
        const [row] = await transaction`
          select coalesce(sum(pg_stat_get_xact_tuples_returned(oid)), 0)::int as count from pg_class
          where oid = 'cron.job_run_details'::regclass or oid in
            (select indexrelid from pg_index where indrelid = 'cron.job_run_details'::regclass)`;
        return row?.["count"];
      };
      const before = await countRead();
      await transaction.unsafe(statement);
      return (await countRead()) - before;
    });

  test("is read by doctor, health and watch at its end only", async () => {
    expect(await readBy("select count(*) from cron.job_run_details")).toBeGreaterThan(RUNS);
    const [jobs] = await sql`select amocrm.doctor_jobs() as jobs`;
    expect(jobs?.["jobs"]).toContainEqual(
      expect.objectContaining({ name: "amocrm-tick", last_status: "succeeded" }),
    );
    expect(await readBy("select amocrm.doctor_jobs()")).toBeLessThan(RUNS / 2);
    await superuser`delete from cron.job_run_details where jobid <> 999`;
    expect(await readBy("select amocrm.cron_problem()")).toBeLessThan(RUNS / 2);
  });

  test("is looked through once when ours are pruned, with those that a crash left without an end", async () => {
    await superuser`insert into cron.job_run_details (jobid, username, status, start_time)
      select jobid, username, 'failed', ${noonPlus(-8 * DAY_MS)} from cron.job where jobname = 'amocrm-watch'`;
    const oldRuns = async () =>
      (await sql`select count(*) from cron.job_run_details where status = 'failed'`)[0]?.["count"];
    for (let call = 0; call < 3; call++) await sql`select amocrm.prune_runs(50000)`;
    expect(await oldRuns()).toBe(0);
    expect(await readBy("select amocrm.prune_runs(50000)")).toBeLessThan(100);
    // Ids that begin anew after a restore are looked at all the same.
    await superuser`truncate cron.job_run_details restart identity`;
    await superuser`insert into cron.job_run_details (jobid, username, status, start_time)
      select jobid, username, 'failed', ${noonPlus(-8 * DAY_MS)} from cron.job where jobname = 'amocrm-watch'`;
    await sql`select amocrm.prune_runs(50000)`;
    expect(await oldRuns()).toBe(0);
  });
});
