import postgres from "postgres";

/** Sessions in which jobs run, one after the other. */
export interface CronSessions {
  /** Runs the command as its owner in a session that nobody else has; the client's result of the last query. */
  run(username: string, database: string, command: string): Promise<object>;
  end(): Promise<void>;
}

interface Session {
  sql: postgres.Sql;
  isLost: boolean;
}

const END_TIMEOUT_SECONDS = 1;

/**
 * All that a run may leave to the next one, but the plans of what it ran: DISCARD ALL without DISCARD PLANS. Among the settings
 * is the search_path of a function that failed in the middle.
 */
const FORGET = `close all; reset session authorization; reset role; reset all; deallocate all; unlisten *;
  select pg_catalog.pg_advisory_unlock_all(); discard temp; discard sequences`;

/**
 * Keeps a session after a run and cleans it, where pg_cron opens a new one for each: a new process of Postgres costs thirty
 * times what a tick does in one that has read its functions. After a failure the next run gets a new one.
 */
export function createCronSessions(url: (user: string, database?: string) => string): CronSessions {
  const idle = new Map<string, Session[]>();
  const all = new Set<Session>();

  const open = (username: string, database: string): Session => {
    const session: Session = {
      isLost: false,
      sql: postgres(url(username, database), {
        max: 1,
        fetch_types: false,
        max_lifetime: null,
        connection: { application_name: "pg_cron" },
        onnotice: () => {},
        onclose: () => drop(session),
      }),
    };
    all.add(session);
    return session;
  };
  const drop = (session: Session): void => {
    session.isLost = true;
    all.delete(session);
  };

  return {
    async run(username, database, command) {
      const key = JSON.stringify([username, database]);
      const kept = idle.get(key) ?? [];
      idle.set(key, kept);
      let session = kept.pop();
      while (session?.isLost === true) session = kept.pop();
      session ??= open(username, database);
      try {
        const result = await session.sql.unsafe(command).simple();
        await session.sql
          .unsafe(FORGET)
          .simple()
          .then(
            () => kept.push(session),
            () => drop(session),
          );
        return result;
      } catch (error) {
        drop(session);
        // With a limit: after a dropped connection the client would wait for its end for ever.
        await session.sql.end({ timeout: END_TIMEOUT_SECONDS });
        throw error;
      }
    },
    async end() {
      // Whoever ends all has waited for what still runs.
      await Promise.all([...all].map(({ sql }) => sql.end({ timeout: 0 })));
    },
  };
}
