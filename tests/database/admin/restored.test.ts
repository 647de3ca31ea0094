import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startCronWorker } from "#dev/stack/workers/cron-worker.ts";
import { openDatabase, type Session, type TestDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { MIGRATED_TEMPLATE } from "../support/server.ts";
import { FUNCTIONS_URL } from "../support/vault.ts";

/**
 * A database that was restored into another project: its Vault has another root key, and the log of cron's runs came along
 * without the sequence of their numbers. Every remedy that is printed there is carried out to the letter.
 */
let database: TestDatabase;
let sql: Session;
let service: Session;
let superuser: Session;

const setVault = (key: string) => service`select amocrm_set_vault(${FUNCTIONS_URL}, ${key}) as outcome`;
const connect = (refreshToken: string) =>
  service`select amocrm_tokens_connect('here', ${JSON.stringify({ access_token: "a", refresh_token: refreshToken })}::text::jsonb, 86400,
    'https://sim.amocrm.ru', 7770001, 'sim') as version`;
const setRoads = (url: string) => service`select amocrm_set_alert_roads(${url}, ${url}) as outcomes`;
const secrets = async () =>
  (await sql`select name from vault.decrypted_secrets where decrypted_secret is not null order by name`).map(
    ({ name }) => String(name),
  );
const health = async () => (await sql`select verdict, problem, remedy from amocrm_health`)[0] ?? {};
const token = async () => (await service`select amocrm_tokens_read('here') as pair`)[0]?.["pair"];

const NAMES = [
  "amocrm_alert_url",
  "amocrm_call_token",
  "amocrm_dead_man_url",
  "amocrm_functions_url",
  "amocrm_token_pair",
];

beforeEach(async () => {
  database = await openDatabase(MIGRATED_TEMPLATE);
  superuser = database.connect({ user: "supabase_admin" });
  const before = database.connect({ user: "authenticator", role: "service_role" });
  service = before;
  await setVault("sb_secret_there");
  await connect("refresh there");
  await setRoads("https://hooks.example/there");
  // Restored: from the next session on the root key is another one.
  await superuser.unsafe(`do $$ begin
    execute format('alter database %I set vault_stand_in.root_key = %L', current_database(), 'of another project');
  end $$`);
  sql = database.connect();
  // However long the tests' server has been up: cron gets two minutes from here to run its first jobs.
  await superuser`update amocrm.installation set installed_at = clock_timestamp() where is_the_only_row`;
  service = database.connect({ user: "authenticator", role: "service_role" });
  await sql`insert into amocrm_routes (source) values ('*')`;
  // The template may be old by now; cron has its first two minutes from here.
  await sql`update amocrm.installation set installed_at = amocrm.clock()`;
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});
afterEach(() => database.drop());

test("Vault gives back nothing there, and refuses to change what it cannot read", async () => {
  expect((await errorOf(sql`select decrypted_secret from vault.decrypted_secrets`)).message).toContain(
    "invalid ciphertext",
  );
  const error = await errorOf(sql`select vault.update_secret(id, 'new') from vault.secrets limit 1`);
  expect(error.message).toContain("invalid ciphertext");
});

describe("after a restore under another root key", () => {
  test("health says so, and setup, connect and the alert addresses write anew", async () => {
    expect(await health()).toMatchObject({
      verdict: "unconfigured",
      problem: expect.stringContaining("Vault cannot decrypt the secret amocrm_functions_url"),
      remedy: "npm run amocrm -- setup",
    });
    expect(await setVault("sb_secret_here")).toEqual([{ outcome: "done" }]);
    expect(await token()).toMatchObject({ state: "unreadable" });
    expect(await health()).toMatchObject({ verdict: "blocked", remedy: "npm run amocrm -- connect" });
    await connect("refresh here");
    expect(await token()).toMatchObject({ state: "connected", accessToken: "a" });
    expect(await setRoads("https://hooks.example/here")).toEqual([
      { outcomes: { alert_url: "done", dead_man_url: "done" } },
    ]);
    expect(await secrets()).toEqual(NAMES);
    // And from then on as anywhere else.
    expect(await setVault("sb_secret_here")).toEqual([{ outcome: "unchanged" }]);
    await connect("refresh again");
    expect(await secrets()).toEqual(NAMES);
  });

  test("a refresh token of the variables is taken over, and the key of welcome links is made anew", async () => {
    await superuser`update amocrm.accounts set state = 'reauth_required'`;
    expect(
      await service`select amocrm_tokens_take_over('here', 'from the variables', 'https://sim.amocrm.ru') as is_taken`,
    ).toEqual([{ is_taken: true }]);
    expect(await token()).toMatchObject({ state: "connected" });
    await superuser`insert into vault.secrets (name, secret) values ('amocrm_link_key', 'not readable')`;
    expect(await sql`select length(amocrm.link_key()) as length`).toEqual([{ length: 64 }]);
  });
});

describe("after a whole dump was restored, with the log of cron's runs", () => {
  beforeEach(async () => {
    await setVault("sb_secret_here");
    await superuser`select amocrm.close_breaker('amocrm')`;
    await superuser`update amocrm.accounts set access = 'long_lived', access_expires_at = null`;
    await superuser`insert into cron.job_run_details (jobid, runid, username, status, start_time)
      select 1, number, 'postgres', 'succeeded', clock_timestamp() from generate_series(1, 500) as number`;
  });

  test("no job runs, health says why, and its remedy lets them run, to the letter", async () => {
    // The stand-in says so each time; on the platform it stands in the server's log.
    vi.spyOn(console, "error").mockImplementation(() => {});
    const worker = startCronWorker({
      url: (user) => database.url(user),
      isScheduling: false,
    });
    const ranTick = async (): Promise<boolean> => {
      const count = async () =>
        (
          await sql`select count(*) as count from cron.job_run_details where command = 'select public.amocrm_tick()'`
        )[0]?.["count"];
      const before = await count();
      await worker.runJob("amocrm-tick").catch(() => {});
      return (await count()) > before;
    };
    try {
      expect(await ranTick()).toBe(false);
      const told = await health();
      expect(told).toMatchObject({
        verdict: "stopped",
        problem: expect.stringContaining("came with a restored dump"),
      });
      // As in a project that is older than its first minutes, whose last tick was before the restore.
      await superuser`update amocrm.installation set installed_at = clock_timestamp() - interval '1 year' where is_the_only_row`;
      await superuser`update cron.job_run_details set start_time = clock_timestamp() - interval '1 day'`;
      await service.unsafe(String(told["remedy"]));
      // The first tick is some seconds away: nobody is told to restart the project for that.
      expect(await health()).toMatchObject({ verdict: "ok" });
      await superuser`update amocrm.actions set at = clock_timestamp() - interval '3 minutes' where action = 'schedule_jobs'`;
      expect(await health()).toMatchObject({
        verdict: "stopped",
        problem: expect.stringContaining("amocrm-tick has not run since"),
      });
      expect(await ranTick()).toBe(true);
      expect(await health()).toMatchObject({ verdict: "ok" });
      expect(
        await sql`select action, result from amocrm_actions where action = 'schedule_jobs'`,
      ).toMatchObject([{ result: { jobs: [], forgotten_run_count: expect.toSatisfy((n) => n > 400) } }]);
    } finally {
      await worker.stop();
      vi.restoreAllMocks();
    }
  });
});
