import { afterEach, expect, test } from "vitest";
import { openDatabase, type TestDatabase } from "../support/database.ts";
import { insertLeads, messages } from "../support/leads.ts";
import { ANON, openDataApi } from "../support/roles.ts";
import { MIGRATED_TEMPLATE } from "../support/server.ts";
import { configureVault } from "../support/vault.ts";

// Each test breaks its database for good, so each has one of its own.
const opened: TestDatabase[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.drop();
});

const BREAKAGES = [
  {
    what: "the outbox is renamed",
    sql: "alter table amocrm.outbox rename to outbox_2",
    mend: "alter table amocrm.outbox_2 rename to outbox",
  },
  {
    what: "the kinds are gone",
    sql: "alter table amocrm.kinds rename to kinds_2",
    mend: "alter table amocrm.kinds_2 rename to kinds",
  },
  {
    what: "the outbox refuses every row",
    sql: "alter table amocrm.outbox add constraint nothing_goes check (false) not valid",
    mend: "alter table amocrm.outbox drop constraint nothing_goes",
  },
];

test.each(BREAKAGES)(
  "a lead is saved although $what, and the sweep finds it afterwards",
  async ({ sql: breakage, mend }) => {
    const database = await openDatabase(MIGRATED_TEMPLATE);
    opened.push(database);
    const runAs = openDataApi(database);
    await database.sql.unsafe(breakage);
    await runAs(ANON, (anon) => anon`insert into landing_leads (email) values ('a@example.com')`);
    await database.sql`insert into tripwire_users (email) values ('s@example.com')`;
    await database.sql.unsafe(mend);
    expect(await messages(database.sql)).toEqual([]);

    const [swept] = await database.sql`select amocrm.sweep() as count`;
    expect(swept?.["count"]).toBe(2);
    expect(await messages(database.sql)).toMatchObject([
      { kind: "lead.created", email_key: "a@example.com", state: "pending", is_fresh: true },
      { kind: "student.created", email_key: "s@example.com", state: "pending" },
    ]);
  },
);

const DOORBELL_BREAKAGES = [
  { what: "pg_net is not there", sql: "drop extension pg_net cascade" },
  { what: "Vault cannot be read", sql: "alter view vault.decrypted_secrets rename to secrets_2" },
];

test.each(DOORBELL_BREAKAGES)("a lead keeps its message although $what", async ({ sql: breakage }) => {
  const database = await openDatabase(MIGRATED_TEMPLATE);
  opened.push(database);
  await configureVault(database.sql);
  await database.connect({ user: "supabase_admin" }).unsafe(breakage);
  await insertLeads(database.sql, [{ email: "a@example.com" }]);
  await database.sql`update unified_lead_tracking set full_name = 'Ann'`;
  expect((await messages(database.sql)).map((message) => message.kind)).toEqual([
    "lead.created",
    "lead.updated",
  ]);
});
