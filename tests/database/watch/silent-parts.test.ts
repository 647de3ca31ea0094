import { beforeEach, expect, test } from "vitest";
import { noonPlus } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { configureVault } from "../support/vault.ts";
import { openWatchman, type Watchman } from "../support/watchman.ts";

/** Parts that fail without a word: within two minutes each is named by an incident, and no longer than it lasts. */
const database = await useDatabase();
const { sql } = database;
let watchman: Watchman;

beforeEach(async () => {
  watchman = await openWatchman(database);
  await configureVault(sql);
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});

const beat = (component: string, state: string, detail: string | null = null) =>
  sql`select amocrm_heartbeat(${component}, ${state}, '{}', ${detail})`;
/** Two runs of a job, as pg_cron writes them down. */
const runsOf = (job: string, status: string) =>
  watchman.superuser`insert into cron.job_run_details (jobid, username, status, return_message, start_time, end_time)
    select jobid, username, ${status}, 'ERROR: no such table', ${noonPlus(0)}, ${noonPlus(0)}
    from cron.job, generate_series(1, 2) where jobname = ${job}`;

interface Case {
  code: string;
  when: string;
  severity: string;
  make: () => Promise<unknown>;
  minutes: number;
  detail: RegExp;
  mend: () => Promise<unknown>;
}

const CASES: Case[] = [
  {
    code: "pull_failing",
    when: "a pull cannot even begin",
    severity: "warning",
    make: () => beat("amocrm-pull", "failed", "Cannot call amocrm_pull_begin: 21000"),
    minutes: 2,
    detail: /The last pull failed: Cannot call amocrm_pull_begin: 21000$/,
    mend: () => beat("amocrm-pull", "ok"),
  },
  {
    code: "pull_failing",
    when: "amocrm-pull is not deployed",
    severity: "warning",
    make: async () => {
      await sql`insert into amocrm.heartbeats (component, unanswered_post_count, last_request_id, last_request_at)
        values ('amocrm-pull', 3, 9, '-infinity') on conflict (component) do update
        set unanswered_post_count = 3, last_request_id = 9, last_request_at = '-infinity'`;
      await watchman.superuser`insert into net._http_response (id, status_code) values (9, 404)`;
    },
    minutes: 2,
    detail: /Cron called amocrm-pull 3 times without a sign of life, last answer 404$/,
    mend: () => beat("amocrm-pull", "ok"),
  },
  {
    code: "drain_failing",
    when: "drains begin and the platform ends them",
    severity: "critical",
    make: async () => {
      await watchman.pass(1);
      for (let call = 0; call < 4; call++) await beat("amocrm-drain", "begun");
    },
    minutes: 2,
    detail: /The last 3 calls of amocrm-drain began and came to no end/,
    mend: () => beat("amocrm-drain", "ok"),
  },
  {
    code: "mail_failing",
    when: "mail drains begin and the platform ends them",
    severity: "critical",
    make: async () => {
      await watchman.pass(1);
      for (let call = 0; call < 4; call++) await beat("message-drain", "begun");
    },
    minutes: 2,
    detail: /The last 3 calls of message-drain began and came to no end/,
    mend: () => beat("message-drain", "ok"),
  },
  {
    code: "triggers_off",
    when: "the copy of submissions is switched off",
    severity: "critical",
    make: () => sql`alter table landing_leads disable trigger amocrm_500_copy`,
    minutes: 2,
    detail: /so what is saved goes no further: amocrm_500_copy on landing_leads$/,
    mend: () => sql`alter table landing_leads enable trigger amocrm_500_copy`,
  },
  {
    code: "cron_jobs_lost",
    when: "another cron job fails each time",
    severity: "warning",
    make: () => runsOf("amocrm-sweep", "failed"),
    minutes: 2,
    detail: /Cron jobs fail each time: amocrm-sweep: ERROR: no such table$/,
    mend: () => runsOf("amocrm-sweep", "succeeded"),
  },
];

test.each(CASES)("$code opens when $when, and ends once that is mended", async (one) => {
  const { code, severity, make, minutes, detail, mend } = one;
  await make();
  await watchman.pass(minutes);
  const opened = (await watchman.alerts()).find((alert) => alert.code === code);
  expect(opened).toMatchObject({ severity, detail: expect.stringMatching(detail), resolved_at: null });
  await mend();
  await watchman.pass(16);
  expect(await watchman.openCodes()).not.toContain(code);
});
