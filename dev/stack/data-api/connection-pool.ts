import type postgres from "postgres";
import { type Client, createClient, isConnectionFault } from "../postgres/client.ts";

/** What takes queries. Rows come as text and JSON only, so no types need to be looked up. */
export interface Reader {
  run(query: string, parameters?: string[]): Promise<postgres.RowList<postgres.Row[]>>;
}

/** A transaction on one connection. */
export interface Transaction extends Reader {
  /** Commits, after a last query whose rows it returns: both in one go. */
  commit(query: string): Promise<postgres.Row[]>;
}

/** Said at the beginning: afterwards a database that is read-only by default could not be written any more. */
interface Opening {
  mode: "read only" | "read write";
  /** A statement that goes along with `begin`, as each way to the server and back is dear. */
  first: string;
}

export interface ConnectionPool {
  /** Reads by itself, outside of any transaction and with the rights of the pool's own role. */
  reader: Reader;
  /** Runs the body, which commits, in one transaction on one connection; rolls back when it throws. */
  transaction<T>(opening: Opening, body: (transaction: Transaction) => Promise<T>): Promise<T>;
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

  const withConnection = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = await take();
    try {
      return await work(client);
    } finally {
      give(client);
    }
  };
  // Of its own: all ask it first, also those whose turn has not come because others wait for a lock.
  const ofReader = createClient(url, "data-api");

  return {
    reader: {
      // Few and always the same: prepared, so that they are not planned each time, which costs as much as they do.
      run: (query, parameters = []) =>
        onLivingConnection(ofReader, (sql) => sql.unsafe(query, parameters, { prepare: true })),
    },
    transaction: (opening, body) =>
      withConnection((client) =>
        onLivingConnection(client, (sql, isLost, onBegin) =>
          runTransaction({ sql, isLost, onBegin, opening }, body),
        ),
      ),
    async close() {
      await Promise.all([ofReader, ...all].map((client) => client.end()));
    },
  };
}

/** Again over a new connection as long as nothing was done on the lost one. */
async function onLivingConnection<T>(
  client: Client,
  work: (sql: postgres.Sql, isLost: () => boolean, onDone: () => void) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    let hasDone = false;
    const onDone = (): void => {
      hasDone = true;
    };
    try {
      return await client.run((sql, isLost) => work(sql, isLost, onDone));
    } catch (error) {
      if (hasDone || attempt === BEGIN_TRIES || !isConnectionFault(error)) throw error;
    }
  }
}

interface Connection {
  sql: postgres.Sql;
  isLost: () => boolean;
  onBegin: () => void;
  opening: Opening;
}

async function runTransaction<T>(
  { sql, isLost, onBegin, opening: { mode, first } }: Connection,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const run: Transaction["run"] = async (query, parameters = []) => {
    // The client would quietly go on over a new connection, outside of the transaction and of the role.
    if (isLost()) throw new Error("the connection was lost within the transaction");
    return await sql.unsafe(query, parameters);
  };
  try {
    await run(`begin ${mode}; ${first}`);
    onBegin();
    return await body({
      run,
      // The client gives a list, or one for each statement, as it likes.
      commit: async (query) => ((await run(`${query}; commit`)) as postgres.Row[]).flat(),
    });
  } catch (error) {
    if (!isConnectionFault(error)) await run("rollback").catch(() => {});
    throw error;
  }
}
