import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let account: Account;
const repairs: string[] = [];
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});
afterEach(async () => {
  for (const repair of repairs.splice(0)) await superuser.unsafe(repair);
});

const ADA = { full_name: "Ada", email: "ada@example.com" };
const states = async () => (await messages(sql)).map(({ state }) => state);

/** Makes a function of the database fail, until the test ends. */
async function breakFunction(signature: string, sqlstate: string): Promise<void> {
  const [row] = await superuser`select pg_get_functiondef(${signature}::regprocedure) as definition`;
  const definition = String(row?.["definition"]);
  repairs.push(definition);
  const head = definition.slice(0, definition.indexOf("\nAS ")).replace(/LANGUAGE sql/, "LANGUAGE plpgsql");
  await superuser.unsafe(
    `${head} AS $$ begin raise exception 'broken' using errcode = '${sqlstate}'; end $$`,
  );
}

describe("a mirror that cannot be used costs the mirror and not the drain: people are searched for", () => {
  test.each([
    ["the look cannot be stored in time", "public.amocrm_drain_look(jsonb,timestamptz)", "57014"],
    ["nothing of the look can be stored", "amocrm.store_contacts(jsonb)", "22008"],
    ["nobody can be matched", "public.amocrm_drain_match(bigint[])", "22P02"],
  ])("because %s", async (_, signature, sqlstate) => {
    await breakFunction(signature, sqlstate);
    await account.post("/api/v4/contacts", [
      {
        name: "Ada",
        custom_fields_values: [{ field_code: "EMAIL", values: [{ value: ADA.email, enum_code: "WORK" }] }],
      },
    ]);
    await insertLeads(sql, [ADA]);
    await account.drain();
    expect(await states()).toEqual(["delivered"]);
    expect(account.simulator.state.contacts()).toHaveLength(1);
  });
});

test("a look of several pages that were changed in one second misses none, in whatever order each page has them", async () => {
  account.simulator.control.populate({ contacts: 400 });
  account.simulator.control.patchSettings({ lists: { ties: "shuffled" } });
  await account.wait(10 * MINUTE_MS);
  await sql`update amocrm.cursors set changed_until = ${new Date(account.nowMs() - 5 * MINUTE_MS)} where entity = 'contact'`;
  for (const { id } of account.simulator.state.contacts() as { id: number }[]) {
    account.simulator.control.edit({ action: "rename", entity: "contact", id, name: `again ${id}` });
  }
  await account.wait(MINUTE_MS);
  await insertLeads(sql, [ADA]);
  await account.drain();
  expect(await states()).toEqual(["delivered"]);
  expect(await sql`select count(*)::int as count from amocrm.contacts where name like 'again %'`).toEqual([
    { count: 400 },
  ]);
  expect(
    (await sql`select look_voided_at from amocrm.cursors where entity = 'contact'`)[0]?.["look_voided_at"],
  ).toBeNull();
});
