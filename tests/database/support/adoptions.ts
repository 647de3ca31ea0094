import { migrate } from "#dev/stack/migrate.ts";
import { openDatabase, openUnmigratedDatabase, type TestDatabase } from "./database.ts";
import { MIGRATIONS_DIR } from "./server.ts";

export type { TestDatabase };

export interface Adoptions {
  /** A project of its own that these statements made, before it has seen us. */
  open(theirs: string): Promise<TestDatabase>;
  /** The same after our migrations. They run once for the same statements; each call answers a copy of its own. */
  adopt(theirs: string): Promise<TestDatabase>;
  /** Drops what was handed out. */
  dropCopies(): Promise<void>;
  /** Drops the adopted ones too. */
  drop(): Promise<void>;
}

/** Projects that have tables of their own and adopt our migrations, which take two seconds each time. */
export function createAdoptions(): Adoptions {
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

  async function dropCopies(): Promise<void> {
    for (const database of copies.splice(0)) await database.drop();
  }

  return {
    open,
    async adopt(theirs) {
      const { name } = adopted.get(theirs) ?? (await adoptNew(theirs));
      const copy = await openDatabase(name);
      copies.push(copy);
      return copy;
    },
    dropCopies,
    async drop() {
      await dropCopies();
      for (const database of adopted.values()) await database.drop();
    },
  };
}
