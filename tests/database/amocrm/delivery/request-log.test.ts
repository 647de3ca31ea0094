import { expect, test } from "vitest";
import { openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, strangers } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });

test("every request of a drain is logged with the messages that it was for", async () => {
  await sql`insert into amocrm_routes (source) values ('*')`;
  const account = await openAccount(database);
  await insertLeads(sql, strangers(3));
  expect((await account.drain()).settledCount).toBe(3);
  const logged =
    await sql`select method, path, function_name, verdict, message_ids from amocrm.requests order by at`;
  expect(logged.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
    account.requests().toSorted(),
  );
  const creates = logged.filter(({ method, path }) => method === "POST" && path === "/api/v4/leads/complex");
  expect(creates).toMatchObject([{ function_name: "amocrm-drain", verdict: "delivered" }]);
  expect(creates[0]?.["message_ids"].toSorted()).toEqual([1, 2, 3]);
});

test("a lead arrives although requests cannot be logged", async () => {
  await sql`insert into amocrm_routes (source) values ('*')`;
  const account = await openAccount(database);
  await insertLeads(sql, strangers(1));
  await superuser`alter table amocrm.requests rename to requests_gone`;
  try {
    expect((await account.drain()).settledCount).toBe(1);
  } finally {
    await superuser`alter table amocrm.requests_gone rename to requests`;
  }
  expect(await sql`select state from amocrm_outbox`).toEqual([{ state: "delivered" }]);
});
