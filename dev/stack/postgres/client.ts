import postgres from "postgres";

/** One connection that outlives its losses: each piece of work gets a living one, and has it alone. */
export interface Client {
  /** Runs the work after all earlier work; its queries are not in one transaction unless it begins one. */
  run<T>(work: (sql: postgres.Sql, isLost: () => boolean) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

interface Connection {
  sql: postgres.Sql;
  isLost: boolean;
}

const END_TIMEOUT_SECONDS = 1;

/**
 * Connects on first use, and anew after the server has hung up.
 *
 * A postgres.js client would reconnect by itself, but in 3.4.9 it may then hang for good: when the connection
 * closes while a query waits for its setImmediate, the cleared timer is still taken for a running one and nothing
 * is ever written again. Hence a new client after each loss, and one query at a time, so that none waits inside.
 */
export function createClient(url: string, applicationName: string): Client {
  let current: Connection | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const living = (): Connection => {
    if (current && !current.isLost) return current;
    void current?.sql.end({ timeout: 0 });
    const connection: Connection = { sql: open(() => (connection.isLost = true)), isLost: false };
    current = connection;
    return connection;
  };
  const open = (onclose: () => void): postgres.Sql =>
    postgres(url, {
      max: 1,
      fetch_types: false,
      // A connection that retires by age could do so in the middle of a transaction.
      max_lifetime: null,
      connection: { application_name: applicationName },
      onnotice: () => {},
      onclose,
    });

  return {
    run(work) {
      const result = last.then(async () => {
        const connection = living();
        try {
          return await work(connection.sql, () => connection.isLost);
        } catch (error) {
          // The server says that it hangs up before it does; the next work must not go down with it.
          if (isConnectionFault(error)) connection.isLost = true;
          throw error;
        }
      });
      last = result.catch(() => {});
      return result;
    },
    async end() {
      await current?.sql.end({ timeout: END_TIMEOUT_SECONDS });
    },
  };
}

/** Several clients as one: each piece of work goes to the first that has none, or else to the next in turn. */
export function createClients(url: string, applicationName: string, count: number): Client {
  const clients = Array.from({ length: count }, () => ({
    client: createClient(url, applicationName),
    workCount: 0,
  }));
  let turn = 0;
  return {
    async run(work) {
      const chosen = clients.find(({ workCount }) => workCount === 0) ?? clients[turn++ % count]!;
      chosen.workCount += 1;
      try {
        return await chosen.client.run(work);
      } finally {
        chosen.workCount -= 1;
      }
    },
    async end() {
      await Promise.all(clients.map(({ client }) => client.end()));
    },
  };
}

/** Opens a connection for one piece of work and ends it; a new one costs Postgres thirty times what a small query does. */
export async function withConnection<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Whether an error means that the connection was refused, dropped or could not be had. */
export function isConnectionFault(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(CONN|ECONN|EPIPE|57P0|53300)/.test(code);
}
