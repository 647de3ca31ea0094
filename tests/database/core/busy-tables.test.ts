import { afterEach, describe, expect, test } from "vitest";
import { readOurs } from "#cli/uninstall/ours.ts";
import { uninstallSql } from "#cli/uninstall/removal-sql.ts";
import { migrate } from "#dev/stack/migrate.ts";
import { openDatabase, openUnmigratedDatabase, type TestDatabase } from "../support/database.ts";
import { ANON, openDataApi } from "../support/roles.ts";
import { MIGRATED_TEMPLATE, MIGRATIONS_DIR } from "../support/server.ts";

const opened: TestDatabase[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.drop();
});

const OLD_TABLES = `
  create table public.landing_leads (id uuid primary key default gen_random_uuid(), full_name text, email text, phone text);
  create table public.unified_lead_tracking (id uuid primary key default gen_random_uuid(), full_name text, email text, phone text);
  grant insert on public.landing_leads to anon;`;

/** As `pg_dump` does: reads a table of leads, and keeps its lock until it is let go. */
async function startReading(database: TestDatabase, table: string): Promise<() => Promise<unknown>> {
  const reader = database.connect();
  await reader.unsafe(`set application_name = 'pg_dump'; begin; select count(*) from ${table}`);
  return () => reader.unsafe("commit");
}

/** Visitors one after another, each with the platform's three seconds, until told to stop. Answers what each was told. */
function keepVisiting(database: TestDatabase): () => Promise<string[]> {
  const runAs = openDataApi(database);
  const told: string[] = [];
  let isOver = false;
  const visits = (async () => {
    while (!isOver) {
      const email = `visitor${told.length}@example.com`;
      const visit = runAs(ANON, async (anon) => {
        await anon`set local statement_timeout = '3s'`;
        await anon`insert into landing_leads (email) values (${email})`;
      });
      told.push(await visit.then(() => "saved", String));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return async () => {
    isOver = true;
    await visits;
    return told;
  };
}

/** Until somebody has tried to lock the tables, given up for the moment, and pauses. */
async function untilItPauses({ sql }: TestDatabase): Promise<void> {
  for (;;) {
    const [row] = await sql`select count(*) as count from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'`;
    if (row?.["count"] > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function besideAReader(database: TestDatabase, table: string, work: () => Promise<unknown>) {
  const endReading = await startReading(database, table);
  const endVisits = keepVisiting(database);
  const working = work();
  await Promise.race([untilItPauses(database), working]);
  await endReading();
  await working;
  const told = await endVisits();
  expect([...new Set(told)]).toEqual(["saved"]);
  const [row] = await database.sql`select count(*) as count from landing_leads`;
  expect(row?.["count"]).toBe(told.length);
}

describe("behind somebody who reads a table of leads for long, no visitor is turned away", () => {
  test.each(["landing_leads", "unified_lead_tracking"])("while this is installed over %s", async (table) => {
    const database = await openUnmigratedDatabase();
    opened.push(database);
    await database.sql.unsafe(OLD_TABLES);
    await besideAReader(database, table, () => migrate(database.url(), MIGRATIONS_DIR));
    expect(await database.sql`select from amocrm_outbox limit 1`).toBeDefined();
  });

  test.each(["landing_leads", "unified_lead_tracking", "amocrm.outbox"])(
    "while this is taken out, %s",
    async (table) => {
      const database = await openDatabase(MIGRATED_TEMPLATE);
      opened.push(database);
      const session = database.connect();
      await besideAReader(database, table, () => session.unsafe(uninstallSql(readOurs())));
      expect(await database.sql`select to_regnamespace('amocrm') as schema`).toEqual([{ schema: null }]);
    },
  );
});

test("who reads on and on is named, and nothing was changed", async () => {
  const database = await openUnmigratedDatabase();
  opened.push(database);
  await database.sql.unsafe(OLD_TABLES);
  const endReading = await startReading(database, "landing_leads");
  await expect(migrate(database.url(), MIGRATIONS_DIR)).rejects.toThrow(
    /004000_leads\.sql.*somebody keeps .*landing_leads.* busy: process \d+ of postgres \(pg_dump\)\. Nothing was changed/,
  );
  await endReading();
  expect(
    await database.sql`select from pg_attribute where attrelid = 'landing_leads'::regclass and attname = 'submission_id'`,
  ).toEqual([]);
}, 60_000);
