import { afterAll, afterEach } from "vitest";
import { migrate } from "#dev/stack/migrate.ts";
import { openDatabase, openUnmigratedDatabase, type TestDatabase } from "./database.ts";
import { MIGRATIONS_DIR } from "./server.ts";

export type { TestDatabase };

interface Adoptions {
  /** A project of its own that these statements made, before it has seen us. */
  open(theirs: string): Promise<TestDatabase>;
  /** The same after our migrations. They run once for the same statements; each call answers a copy of its own. */
  adopt(theirs: string): Promise<TestDatabase>;
}

/**
 * Projects that have tables of their own and adopt our migrations, which take two seconds each time. What is handed out is a
 * test's, and goes with it. Call it at the top level of the file.
 */
export function useAdoptions(): Adoptions {
  const copies: TestDatabase[] = [];
  const adopted = new Map<string, TestDatabase>();

  async function open(theirs: string): Promise<TestDatabase> {
    const database = await openUnmigratedDatabase();
    copies.push(database);
    await database.sql.unsafe(theirs);
    return database;
  }

  async function adoptNew(theirs: string): Promise<TestDatabase> {
    const database = await open(theirs);
    await migrate(database.url(), MIGRATIONS_DIR);
    // Only a database that nobody is connected to can be copied.
    await database.close();
    copies.pop();
    adopted.set(theirs, database);
    return database;
  }

  afterEach(async () => {
    for (const database of copies.splice(0)) await database.drop();
  });
  afterAll(async () => {
    for (const database of adopted.values()) await database.drop();
  });

  return {
    open,
    async adopt(theirs) {
      const { name } = adopted.get(theirs) ?? (await adoptNew(theirs));
      const copy = await openDatabase(name);
      copies.push(copy);
      return copy;
    },
  };
}
