import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Client, createClient, isConnectionFault } from "../postgres/client.ts";
import { type CronSessions, createCronSessions } from "./cron-sessions.ts";

/** Stands in for pg_cron's background worker. */
export interface CronWorker {
  /** Runs one job now, as its owner, whatever its schedule says; waits for a run that is under way. */
  runJob(jobName: string): Promise<void>;
  /** Resolves when no job is running. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface CronOptions {
  /** A connection string for a role in a database. */
  url: (user: string, database?: string) => string;
  /** false: jobs run by `runJob` only. */
  isScheduling: boolean;
}

const TICK_MS = 1_000;
/** Timers fire a little early or late; a job that is due within this much counts as due. */
const TOLERANCE_MS = 50;
const STOP_GRACE_MS = 500;

const jobsSchema = z.array(
  z.object({
    jobid: z.string(),
    schedule: z.string(),
    command: z.string(),
    database: z.string(),
    username: z.string(),
    /** null for an 'N seconds' schedule. */
    due: z.boolean().nullable(),
  }),
);
type Job = z.infer<typeof jobsSchema>[number];

/** A job never runs beside itself; one further run that falls due meanwhile follows as soon as it ends. */
interface JobState {
  lastStartMs: number;
  running: Promise<void> | undefined;
  isQueued: boolean;
}

/** Looks each second which rows of cron.job are due and runs them as their owners. */
export function startCronWorker(options: CronOptions): CronWorker {
  const client = createClient(options.url("supabase_admin"), "pg_cron scheduler");
  const sessions = createCronSessions(options.url);
  const states = new Map<string, JobState>();
  let isStopped = false;
  let tick: Promise<void> | undefined;
  let lastMinute = minuteOf(Date.now());

  const start = (job: Job): Promise<void> => {
    const state = stateOf(states, job.jobid);
    state.isQueued = false;
    state.lastStartMs = Date.now();
    state.running = runJob(client, job, sessions)
      .catch((error: unknown) => {
        if (!isStopped && !isConnectionFault(error)) console.error("cron worker:", error);
      })
      .then(() => {
        state.running = undefined;
        if (state.isQueued && !isStopped) void start(job);
      });
    return state.running;
  };

  const look = async (): Promise<void> => {
    const nowMs = Date.now();
    const isNewMinute = minuteOf(nowMs) !== lastMinute;
    const jobs = await activeJobs(client);
    lastMinute = minuteOf(nowMs);
    for (const job of jobs) {
      const isKnown = states.has(job.jobid);
      const state = stateOf(states, job.jobid);
      // pg_cron counts an interval from the moment it has seen the job.
      if (!isKnown) state.lastStartMs = nowMs;
      const everyMs = Number.parseInt(job.schedule, 10) * 1000;
      const isDue =
        job.due === null ? nowMs - state.lastStartMs >= everyMs - TOLERANCE_MS : isNewMinute && job.due;
      if (!isDue) continue;
      if (state.running) state.isQueued = true;
      else void start(job);
    }
    const present = new Set(jobs.map((job) => job.jobid));
    for (const [id, state] of states) {
      if (present.has(id)) continue;
      state.isQueued = false;
      if (!state.running) states.delete(id);
    }
  };

  const onTick = (): void => {
    // A tick that takes long, because the database is down, must not pile up others behind it.
    tick ??= look()
      .catch((error: unknown) => {
        if (!isStopped && !isConnectionFault(error)) console.error("cron worker:", error);
      })
      .finally(() => {
        tick = undefined;
      });
  };
  const timer = options.isScheduling ? setInterval(onTick, TICK_MS) : undefined;
  const running = (): Promise<void>[] => [...states.values()].flatMap((state) => state.running ?? []);

  return {
    async runJob(jobName) {
      const rows = await client.run(
        (sql) => sql`select jobid::text, schedule, command, database, username, null as due
          from cron.job where jobname = ${jobName}`,
      );
      const [job] = jobsSchema.parse([...rows]);
      if (job === undefined) throw new Error(`cron.job has no job named ${jobName}`);
      const state = stateOf(states, job.jobid);
      while (state.running) await state.running;
      await start(job);
    },
    async idle() {
      for (let busy = running(); busy.length > 0; busy = running()) await Promise.all(busy);
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await tick;
      // A job that takes longer is cut off by the server's shutdown, as it would be on the platform.
      await Promise.race([Promise.all(running()), sleep(STOP_GRACE_MS, undefined, { ref: false })]);
      await Promise.all([sessions.end(), client.end()]);
    },
  };
}

const minuteOf = (timeMs: number): number => Math.floor(timeMs / 60_000);

function stateOf(states: Map<string, JobState>, jobId: string): JobState {
  const known = states.get(jobId);
  if (known) return known;
  const state: JobState = { lastStartMs: 0, running: undefined, isQueued: false };
  states.set(jobId, state);
  return state;
}

async function activeJobs(client: Client): Promise<Job[]> {
  const rows = await client.run(async (sql) => {
    const [table] = await sql<{ name: string | null }[]>`select to_regclass('cron.job') as name`;
    if (table?.name == null) return [];
    return sql`select jobid::text, schedule, command, database, username,
      cron._due(schedule, now()) as due from cron.job where active`;
  });
  return jobsSchema.parse([...rows]);
}

/** Runs the command in a session of its own, and keeps its beginning and end in cron.job_run_details. */
async function runJob(client: Client, job: Job, sessions: CronSessions): Promise<void> {
  const [details] = await client.run(
    (sql) => sql<{ runid: string }[]>`insert into cron.job_run_details
      (jobid, database, username, command, status, start_time)
      values (${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'running', clock_timestamp())
      returning runid::text`,
  );
  let status = "succeeded";
  let message: string;
  try {
    message = commandTag(await sessions.run(job.username, job.database, job.command));
  } catch (error) {
    status = "failed";
    message = `ERROR: ${(error as Error).message}`;
  }
  await client.run(
    (sql) => sql`update cron.job_run_details set status = ${status}, return_message = ${message},
      end_time = clock_timestamp() where runid = ${details?.runid ?? null}`,
  );
}

interface CommandResult {
  command: string;
  count: number | null;
}

/** The tag of the last statement, as psql shows it: `SELECT 1`, `INSERT 0 3`, `VACUUM`. */
function commandTag(result: object): string {
  const results = result as unknown as CommandResult | CommandResult[];
  // A command of several statements yields a list of results; a single result is an array of rows itself.
  const last =
    Array.isArray(results) && !("command" in results) ? results.at(-1) : (results as CommandResult);
  if (last === undefined) return "";
  if (last.command === "INSERT") return `INSERT 0 ${last.count}`;
  return last.count === null ? last.command : `${last.command} ${last.count}`;
}
