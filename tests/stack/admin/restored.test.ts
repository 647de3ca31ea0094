import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { crmOf } from "../support/crm.ts";
import { type OAuthSystem, startOAuthSystem } from "../support/oauth-system.ts";
import { leave } from "../support/system.ts";

/** More remedies than this in a row, and they do not lead to the end. */
const MAX_REMEDIES = 6;

let system: OAuthSystem;
beforeAll(async () => {
  system = await startOAuthSystem();
});
afterAll(() => system?.stop());

const health = async () => {
  const [row] = await system.sql`select verdict, problem, remedy from amocrm_health`;
  return row as { verdict: string; problem: string | null; remedy: string | null };
};

async function connect(link: string): Promise<void> {
  const page = await system.open(await system.consent(link));
  expect(page.status).toBe(200);
}

/** Does what a remedy says, to the letter, as the operator does who reads it. */
async function carryOut(remedy: string): Promise<void> {
  const args = /^npm run amocrm -- ([\w -]+)$/.exec(remedy)?.[1]?.split(" ");
  if (args === undefined) {
    await system.sql.unsafe(remedy);
    return;
  }
  const command = system.command(args);
  if (args[0] === "connect") await connect(await command.printed(/http\S+start\?link=\S+/));
  const { exitCode, stdout, stderr } = await command.ended;
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
}

/** The database as it is after a whole dump of it was restored in another project. */
async function restoreElsewhere(): Promise<void> {
  const superuser = postgres(system.stack.dbUrl("supabase_admin"), { max: 1, onnotice: () => {} });
  try {
    await superuser.unsafe(`alter database postgres set vault_stand_in.root_key = 'of another project'`);
    await superuser`insert into cron.job_run_details (jobid, runid, username, status, start_time, end_time)
      select job.jobid, runid_seq.last_value + number, 'postgres', 'succeeded', now() - interval '1 day', now() - interval '1 day'
      from cron.job, cron.runid_seq, generate_series(1, 10000) as number where job.jobname = 'amocrm-tick'`;
    // Sessions that go on would still have the old key.
    await superuser`select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and backend_type = 'client backend'`;
  } finally {
    await superuser.end();
  }
}

it("a database that was restored elsewhere is mended by the remedies that health prints, one after the other", async () => {
  await connect(await system.makeLink());
  await leave(system, { email: "before@example.com" });
  await system.delivered();
  // A drain that is still at work would fail with its session, and with nothing due none would come after it.
  await waitFor("the drain to end", async () => {
    const [drain] =
      await system.sql`select queue_control.drain_token is null and heartbeats.ended_at >= heartbeats.begun_at as is_over
      from amocrm.queue_control, amocrm.heartbeats where queue_control.queue = 'amocrm' and heartbeats.component = 'amocrm-drain'`;
    return drain?.["is_over"] === true;
  });

  await restoreElsewhere();
  const remedies: string[] = [];
  await waitFor(
    "the remedies to lead to a healthy project",
    async () => {
      const { verdict, problem, remedy } = await health();
      if (verdict === "ok") return true;
      if (remedy === null || remedies.length >= MAX_REMEDIES) {
        throw new Error(`${verdict}: ${problem}, after ${JSON.stringify(remedies)}`);
      }
      if (remedies.at(-1) === remedy) throw new Error(`${verdict}: ${problem}, again after ${remedy}`);
      remedies.push(remedy);
      await carryOut(remedy);
      return false;
    },
    { timeoutMs: 180_000 },
  );
  expect(remedies).toEqual([
    "npm run amocrm -- setup",
    "select amocrm_schedule_jobs()",
    "npm run amocrm -- connect",
  ]);
  await leave(system, { email: "after@example.com" });
  await system.delivered();
  expect(crmOf(system.simulator).deals()).toHaveLength(2);
});
