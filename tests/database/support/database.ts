import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeEach, inject } from "vitest";
import { type EmptyOptions, emptyTables } from "./empty-tables.ts";
import { EMPTY_TEMPLATE, MIGRATED_TEMPLATE } from "./server.ts";

/** One connection, so `begin` and `set` mean what they mean in psql. Eight-byte integers come as numbers. */
export type Session = postgres.Sql<{ bigint: number }>;

interface ConnectOptions {
  /** Default `postgres`, the owner. */
  user?: string;
  /** A role taken on at once, as the Data API does with the role of a key. */
  role?: string;
  onNotice?: (text: string) => void;
}

export interface TestDatabase {
  /** A session of the owner, for preparing and looking. */
  sql: Session;
  /** A connection string of the role for this database. */
  url(user?: string): string;
  /** Opens a further session; it is closed when the file ends. */
  connect(options?: ConnectOptions): Session;
  /** Closes all sessions, so that it may be copied by `openDatabase`. */
  close(): Promise<void>;
  readonly name: string;
  /** Closes all sessions and removes the database. */
  drop(): Promise<void>;
}

/** Copies a template into a database of its own: about 20 ms. */
export async function openDatabase(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const port = inject("postgresPort");
  const urlOf = (user: string, database: string): string =>
    `postgres://${user}:postgres@127.0.0.1:${port}/${database}`;
  const admin = openSession(urlOf("supabase_admin", "template1"));
  // Owned by postgres, else that role could not make schemas in it.
  await admin.unsafe(`create database ${name} template ${template} owner postgres`);
  const sessions: Session[] = [];
  const connect = (options: ConnectOptions = {}): Session => {
    const session = openSession(urlOf(options.user ?? "postgres", name), options);
    sessions.push(session);
    return session;
  };
  return {
    name,
    sql: connect(),
    close: async () => void (await Promise.all(sessions.map((session) => session.end({ timeout: 1 })))),
    url: (user = "postgres") => urlOf(user, name),
    connect,
    async drop() {
      await Promise.all(sessions.map((session) => session.end({ timeout: 1 })));
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

interface UseOptions extends EmptyOptions {
  /** True: emptied before the first test only, for a file whose tests do not mind what others leave. */
  isEmptiedOnce?: boolean;
}

/** A migrated database for this test file, emptied before each test. Call it at the top level of the file. */
export async function useDatabase(options: UseOptions = {}): Promise<TestDatabase> {
  const database = await openDatabase(MIGRATED_TEMPLATE);
  const cleaner = database.connect({ user: "supabase_admin" });
  let isClean = false;
  beforeEach(async () => {
    if (!isClean) await emptyTables(cleaner, options);
    isClean = options.isEmptiedOnce === true;
    // The owner's session may have been put to another hour by the test before.
    await database.sql`select set_config('amocrm.test_clock', '', false)`;
  });
  afterAll(() => database.drop());
  return database;
}

/** A database without our migrations, as a project has it that is about to adopt them. */
export function openUnmigratedDatabase(): Promise<TestDatabase> {
  return openDatabase(EMPTY_TEMPLATE);
}

function openSession(url: string, options: ConnectOptions = {}): Session {
  return postgres(url, {
    max: 1,
    onnotice: (notice) => options.onNotice?.(notice["message"] ?? ""),
    connection: options.role === undefined ? {} : { role: options.role },
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  }) as Session;
}
