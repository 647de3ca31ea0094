import { beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { ADMIN, openDataApi } from "../support/roles.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const runAs = openDataApi(database);

/** The tick ran a moment ago, as pg_cron's own record tells. */
const tickRan = (
  at: Date,
) => superuser`insert into cron.job_run_details (jobid, username, start_time, end_time)
  select jobid, username, ${at}, ${at} from cron.job where jobname = 'amocrm-tick'`;

/** Everything is as it should be, at noon. */
beforeEach(async () => {
  await setTestClock(NOON, sql);
  await configureVault(sql);
  await tickRan(NOON);
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});

const health = async () => (await sql`select * from amocrm_health`)[0] ?? {};
const failPosts = async (answer: { status_code?: number; error_msg?: string }) => {
  await superuser`update amocrm.heartbeats set unanswered_post_count = 3, last_request_id = 9, last_request_at = ${NOON}`;
  await superuser`insert into net._http_response ${superuser({ id: 9, created: NOON, ...answer } as never)}`;
};
/** Claims the only message and settles it. */
async function settleOne(result: Record<string, unknown>) {
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql);
  await drainer.begin();
  await drainer.claim();
  await drainer.settle([{ id: 1, verdict: "retry", ...result }]);
  await drainer.end();
}

interface Case {
  when: string;
  make: () => Promise<unknown>;
  verdict: string;
  problem: string | RegExp | null;
  remedy: string | RegExp | null;
}

const CASES: Case[] = [
  { when: "nothing is wrong", make: async () => {}, verdict: "ok", problem: null, remedy: null },
  {
    when: "a lead was delivered",
    make: async () => {
      await insertLeads(sql, strangers(1));
      await settleOne({ verdict: "delivered" });
    },
    verdict: "ok",
    problem: null,
    remedy: null,
  },
  {
    when: "sending is paused",
    make: () => sql`select amocrm_pause('moving')`,
    verdict: "paused",
    problem: /: moving$/,
    remedy: "select amocrm_resume()",
  },
  {
    when: "Vault has no URL",
    make: () => superuser`delete from vault.secrets where name = 'amocrm_functions_url'`,
    verdict: "unconfigured",
    problem: "Vault has no secret amocrm_functions_url",
    remedy: "npm run amocrm -- setup",
  },
  {
    when: "Vault has no key",
    make: () => superuser`delete from vault.secrets where name = 'amocrm_cron_key'`,
    verdict: "unconfigured",
    problem: "Vault has no secret amocrm_cron_key",
    remedy: "npm run amocrm -- setup",
  },
  {
    when: "the functions say that they are switched off",
    make: () => sql`select amocrm_heartbeat('amocrm-drain', 'disabled', '{}', null)`,
    verdict: "disabled",
    problem: /AMOCRM_ENABLED/,
    remedy: /AMOCRM_ENABLED=true/,
  },
  {
    when: "the functions miss settings",
    make: () =>
      sql`select amocrm_heartbeat('amocrm-drain', 'unconfigured', '{AMOCRM_ACCESS_TOKEN,AMOCRM_BASE_URL}', null)`,
    verdict: "unconfigured",
    problem: /AMOCRM_ACCESS_TOKEN, AMOCRM_BASE_URL$/,
    remedy: /^npx supabase secrets set --remote=<ref> NAME=value/,
  },
  {
    when: "cron has not ticked for two minutes",
    make: () => setTestClock(noonPlus(2 * MINUTE_MS + 1), sql),
    verdict: "stopped",
    problem: /amocrm-tick has not run since 2031/,
    remedy: /pg_cron/,
  },
  {
    when: "cron has never ticked since the installation",
    make: () => superuser`truncate cron.job_run_details`,
    verdict: "stopped",
    problem: /since the installation/,
    remedy: /pg_cron/,
  },
  {
    when: "the functions refuse the key",
    make: () => failPosts({ status_code: 401 }),
    verdict: "unreachable",
    problem: /3 times without a sign of life, last answer 401$/,
    remedy: /amocrm_cron_key is no secret key/,
  },
  {
    when: "the function is not there",
    make: () => failPosts({ status_code: 404 }),
    verdict: "unreachable",
    problem: /last answer 404$/,
    remedy: /amocrm_functions_url is wrong, or amocrm-drain is not deployed/,
  },
  {
    when: "nobody listens at the URL",
    make: () => failPosts({ error_msg: "Couldn't connect to server" }),
    verdict: "unreachable",
    problem: /last error: Couldn't connect to server$/,
    remedy: /amocrm_functions_url/,
  },
  {
    when: "pg_net sends nothing",
    make: () => superuser`update amocrm.heartbeats set unanswered_post_count = 3`,
    verdict: "unreachable",
    problem: /without a sign of life$/,
    remedy: /pg_net/,
  },
  {
    when: "the last drain failed",
    make: () => sql`select amocrm_heartbeat('amocrm-drain', 'failed', '{}', 'TypeError in drain')`,
    verdict: "failing",
    problem: /TypeError in drain$/,
    remedy: /logs/,
  },
  {
    when: "amoCRM blocks the account",
    make: () => sql`select amocrm.open_breaker('amocrm', 'blocked', 'amoCRM answered 403', 60, 300)`,
    verdict: "blocked",
    problem: "amoCRM answered 403",
    remedy: /amocrm_resume/,
  },
  {
    when: "a lead has no route",
    make: async () => {
      await insertLeads(sql, strangers(1));
      await settleOne({
        code: "no_route",
        message: "No route for the source tripwire, and none for *",
        wait_ms: 60_000,
      });
    },
    verdict: "unconfigured",
    problem: /No route for the source tripwire/,
    remedy: /amocrm_routes/,
  },
  {
    when: "a route leaves the pipeline to an account that has no main one",
    make: async () => {
      await insertLeads(sql, strangers(1));
      await settleOne({ code: "no_main_pipeline", message: 'The route "*" has none', wait_ms: 60_000 });
    },
    verdict: "unconfigured",
    problem: /The route "\*" has none/,
    remedy: /Name the pipeline in amocrm_routes/,
  },
  {
    when: "students have no stage",
    make: async () => {
      await sql`insert into tripwire_users (email) values ('s@example.com')`;
      await settleOne({
        code: "no_stage",
        message: "amocrm_stages has no row for student.created",
        wait_ms: 60_000,
      });
    },
    verdict: "unconfigured",
    problem: /no row for student\.created/,
    remedy: /student\.created to amocrm_stages/,
  },
  {
    when: "a message is dead",
    make: async () => {
      await insertLeads(sql, strangers(1));
      await settleOne({ verdict: "rejected", code: "bad" });
    },
    verdict: "attention",
    problem: "1 message is dead: bad",
    remedy: /^npm run amocrm -- dead, or select \* from amocrm_dead_letters$/,
  },
  {
    when: "the pull fails again and again",
    make: async () => {
      await superuser`insert into amocrm.pulls (entity, kind, state, ended_at, error_code) values ('deal', 'window', 'failed', ${NOON}, 'server_error')`;
      await superuser`update amocrm.cursors set failure_count = 3 where entity = 'deal'`;
    },
    verdict: "attention",
    problem: "The last 3 pulls of deals failed, the last with server_error",
    remedy: /amocrm\.pulls/,
  },
  {
    when: "a message waits for more than a quarter of an hour",
    make: async () => {
      await insertLeads(sql, strangers(1));
      await setTestClock(noonPlus(15 * MINUTE_MS + 1), sql);
      await tickRan(noonPlus(15 * MINUTE_MS));
    },
    verdict: "behind",
    problem: /waits since 2031-05-05.*; 1 wait, at one request in 2000 ms$/,
    remedy: /amocrm_outbox_status tells why.*--min-interval-ms/,
  },
];

describe("amocrm_health", () => {
  test.each(CASES)("says $verdict when $when", async ({ make, verdict, problem, remedy }) => {
    await make();
    const match = (expected: string | RegExp | null) =>
      expected instanceof RegExp ? expect.stringMatching(expected) : expected;
    expect(await health()).toMatchObject({ verdict, problem: match(problem), remedy: match(remedy) });
  });

  test("has a case here for each verdict that its function knows", async () => {
    const [source] = await sql`select prosrc from pg_proc where oid = 'amocrm.health_row'::regproc`;
    const verdicts = [...String(source?.["prosrc"]).matchAll(/^ {4}\(\d+, .*?, '([a-z]+)'/gm)].map(
      (found) => found[1],
    );
    expect(verdicts.length).toBeGreaterThan(10);
    expect(new Set(CASES.map((entry) => entry.verdict))).toEqual(new Set(verdicts));
  });

  test("names the cause before the consequence when much is wrong at once", async () => {
    await insertLeads(sql, strangers(1));
    await settleOne({ verdict: "rejected" });
    await sql`select amocrm.open_breaker('amocrm', 'blocked', 'amoCRM answered 403', 60, 300)`;
    expect(await health()).toMatchObject({ verdict: "blocked" });
    await superuser`delete from vault.secrets where name = 'amocrm_cron_key'`;
    expect(await health()).toMatchObject({ verdict: "unconfigured" });
    await sql`select amocrm_pause('moving')`;
    expect(await health()).toMatchObject({ verdict: "paused" });
  });

  test("counts what waits, is uncertain and dead, and tells the pace in force", async () => {
    await insertLeads(sql, strangers(4));
    await sql`insert into tripwire_users (email) values ('s@example.com')`;
    const drainer = openDrainer(database);
    await setTestClock(NOON, drainer.sql);
    await drainer.begin();
    await drainer.claim(3);
    await drainer.markSent([2], "create");
    await drainer.settle([
      { id: 1, verdict: "rejected" },
      { id: 2, verdict: "uncertain" },
    ]);
    await sql`select amocrm.slow_down('amocrm', 2000, 0, 'amoCRM answered 429')`;
    expect(await runAs(ADMIN, async (admin) => (await admin`select * from amocrm_health`)[0])).toMatchObject({
      waiting_count: 3,
      uncertain_count: 1,
      dead_count: 1,
      min_interval_ms: 2000,
      slow_reason: "amoCRM answered 429",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });
});

test.each([
  ["unauthorized", /integration on.*AMOCRM_ACCESS_TOKEN.*amocrm -- connect, then: select amocrm_resume\(\)$/],
  ["unpaid", /^Pay .*amocrm_resume\(\)$/],
  ["account_blocked", /support.*min_interval_ms.*amocrm_resume\(\)$/],
  ["forbidden", /user of the token.*amocrm_resume\(\)$/],
  ["wrong_address", /AMOCRM_SUBDOMAIN.*amocrm_resume\(\)$/],
  ["reauth_required", /^npm run amocrm -- connect$/],
  ["server_error", /^Wait: .*amocrm_resume\(\)$/],
  ["something_new", /^Mend the cause, then: select amocrm_resume\(\)$/],
])("the remedy for sending that has stopped by %s is that cause's own", async (code, remedy) => {
  await sql`select amocrm.open_breaker('amocrm', ${code}, 'stopped', 60, 300)`;
  expect(await health()).toMatchObject({ verdict: "blocked", remedy: expect.stringMatching(remedy) });
});
