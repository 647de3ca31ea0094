import { MINUTE_MS, NOON, setTestClock } from "./clock.ts";
import type { Session, TestDatabase } from "./database.ts";

interface AlertRow {
  code: string;
  severity: string;
  detail: string;
  remedy: string | null;
  incident_id: string;
  first_seen_at: Date;
  resolved_at: Date | null;
}

interface Passing {
  isTicking?: boolean;
  each?: () => Promise<unknown>;
  /** Minutes between two looks, for hours in which nothing changes; one as on the platform. */
  everyMinutes?: number;
}

/** Cron's watch in hours that pass at once. */
export interface Watchman {
  superuser: Session;
  nowMs(): number;
  /** Lets minutes pass: in each the tick is recorded, what `each` does happens, and cron looks. */
  pass(minutes: number, options?: Passing): Promise<void>;
  openCodes(): Promise<string[]>;
  alerts(): Promise<AlertRow[]>;
  /** Kinds of the mails that were enqueued, in order. */
  mailKinds(): Promise<string[]>;
}

export async function openWatchman(database: TestDatabase): Promise<Watchman> {
  const { sql } = database;
  const superuser = database.connect({ user: "supabase_admin" });
  let nowMs = NOON.getTime();
  await setTestClock(NOON, sql, superuser);
  return {
    superuser,
    nowMs: () => nowMs,
    async pass(minutes, { isTicking = true, each, everyMinutes = 1 } = {}) {
      for (let minute = 0; minute < minutes; minute += everyMinutes) {
        nowMs += everyMinutes * MINUTE_MS;
        await setTestClock(new Date(nowMs), sql, superuser);
        if (isTicking) {
          await superuser`insert into cron.job_run_details (jobid, username, start_time, end_time)
            select jobid, username, ${new Date(nowMs)}, ${new Date(nowMs)} from cron.job where jobname = 'amocrm-tick'`;
        }
        await each?.();
        await sql`select amocrm.watch()`;
      }
    },
    async openCodes() {
      const rows = await sql<{ code: string }[]>`
        select code from amocrm_alerts where resolved_at is null order by code`;
      return rows.map(({ code }) => code);
    },
    async alerts() {
      return await sql<AlertRow[]>`select * from amocrm_alerts order by id`;
    },
    async mailKinds() {
      const rows = await sql<{ kind: string }[]>`
        select kind from message_outbox where subject_table = 'amocrm_alerts' order by id`;
      return rows.map(({ kind }) => kind);
    },
  };
}
