import type postgres from "postgres";
import { type Client, createClient, isConnectionFault } from "../postgres/client.ts";

/** A transaction on one connection. Rows come as text and JSON only, so no types need to be looked up. */
export interface Transaction {
  run(query: string, parameters?: string[]): Promise<postgres.RowList<postgres.Row[]>>;
}

/** Said at the beginning: afterwards a database that is read-only by default could not be written any more. */
type TransactionMode = "read only" | "read write";

export interface ConnectionPool {
  /** Runs the body in one transaction on one connection; commits what it did, or rolls back when it throws. */
  transaction<T>(mode: TransactionMode, body: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A connection that turns out to be dead at `begin` has done nothing yet, so another one may try. */
const BEGIN_TRIES = 3;

/**
 * A pool of single-connection clients. Not `sql.begin`, which failed about once in 10,000 transactions at 200
 * concurrent ones (UNSAFE_TRANSACTION, postgres 3.4.9), and not `sql.reserve`, which writes to a null socket
 * and so ends the process when the server drops a reserved connection.
 */
export function createPool(url: string, size: number): ConnectionPool {
  const all: Client[] = [];
  const idle: Client[] = [];
  const waiting: ((client: Client) => void)[] = [];

  const take = async (): Promise<Client> => {
    const known = idle.pop();
    if (known) return known;
    if (all.length >= size) return new Promise((resolve) => waiting.push(resolve));
    const opened = createClient(url, "data-api");
    all.push(opened);
    return opened;
  };
  const give = (client: Client): void => {
    const next = waiting.shift();
    if (next) next(client);
    else idle.push(client);
  };

  return {
    async transaction(mode, body) {
      const client = await take();
      try {
        for (let attempt = 1; ; attempt++) {
          let hasBegun = false;
          const onBegin = (): void => {
            hasBegun = true;
          };
          try {
            return await client.run((sql, isLost) => runTransaction({ sql, isLost, onBegin, mode }, body));
          } catch (error) {
            if (hasBegun || attempt === BEGIN_TRIES || !isConnectionFault(error)) throw error;
          }
        }
      } finally {
        give(client);
      }
    },
    async close() {
      await Promise.all(all.map((client) => client.end()));
    },
  };
}

interface Connection {
  sql: postgres.Sql;
  isLost: () => boolean;
  onBegin: () => void;
  mode: TransactionMode;
}

async function runTransaction<T>(
  { sql, isLost, onBegin, mode }: Connection,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const run: Transaction["run"] = async (query, parameters = []) => {
    // The client would quietly go on over a new connection, outside of the transaction and of the role.
    if (isLost()) throw new Error("the connection was lost within the transaction");
    return await sql.unsafe(query, parameters);
  };
  await run(`begin ${mode}`);
  onBegin();
  try {
    const result = await body({ run });
    await run("commit");
    return result;
  } catch (error) {
    if (!isConnectionFault(error)) await run("rollback").catch(() => {});
    throw error;
  }
}
