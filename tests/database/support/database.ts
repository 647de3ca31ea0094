import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, inject } from "vitest";
import { type EmptyOptions, emptyTables } from "./empty-tables.ts";
import { EMPTY_TEMPLATE, MIGRATED_TEMPLATE } from "./server.ts";
import { type ConnectOptions, createSessions, type Session, type Sessions } from "./sessions.ts";

export type { Session };

export interface TestDatabase {
  /** A session of the owner, for preparing and looking. */
  sql: Session;
  /** A connection string of the role for this database. */
  url(user?: string): string;
  /** Opens a further session. One that a test opens is its own until the test ends; any other until the file ends. */
  connect(options?: ConnectOptions): Session;
  readonly sessions: Sessions;
  /** Closes all sessions, so that it may be copied by `openDatabase`. */
  close(): Promise<void>;
  readonly name: string;
  /** Closes all sessions and removes the database. */
  drop(): Promise<void>;
}

/** Copies a template into a database of its own: file by file, which takes half of the time that a log of each page takes. */
export async function openDatabase(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const port = inject("postgresPort");
  const urlOf = (user: string, database: string): string =>
    `postgres://${user}:postgres@127.0.0.1:${port}/${database}`;
  const admin = postgres(urlOf("supabase_admin", "template1"), { max: 1, onnotice: () => {} });
  // Owned by postgres, else that role could not make schemas in it.
  await admin.unsafe(`create database ${name} template ${template} owner postgres strategy file_copy`);
  const sessions = createSessions((user) => urlOf(user, name));
  return {
    name,
    sql: sessions.connect(),
    sessions,
    close: sessions.close,
    url: (user = "postgres") => urlOf(user, name),
    connect: sessions.connect,
    async drop() {
      await sessions.close();
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
    database.sessions.beginTest();
  });
  // Hooks after a test run backwards: those of the file have ended what they had opened.
  afterEach(() => database.sessions.endTest());
  afterAll(() => database.drop());
  return database;
}

/** A database without our migrations, as a project has it that is about to adopt them. */
export function openUnmigratedDatabase(): Promise<TestDatabase> {
  return openDatabase(EMPTY_TEMPLATE);
}
