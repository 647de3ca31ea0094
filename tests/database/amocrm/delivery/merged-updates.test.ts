import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const notes = () =>
  account.simulator.state
    .notes()
    .map((note) => (note["params"] as { text: string }).text.split("\n").slice(0, -1));

test("a lead that was edited twenty times while its deal was in doubt gets one note of it, with what is true at last", async () => {
  account.simulator.control.addFaults({
    kind: "lost_answer",
    method: "POST",
    path: "/api/v4/leads/complex",
    times: 1,
  });
  await insertLeads(sql, [{ full_name: "Ada", email: "ada@example.com" }]);
  await account.drain();
  for (let step = 1; step <= 20; step++)
    await sql`update unified_lead_tracking set metadata = ${sql.json({ step })}, utm_term = ${step === 7 ? "seven" : null}
      where true`;
  await sql`update unified_lead_tracking set phone = '+77071234567' where true`;
  for (const seconds of [10, 1, 1]) await account.drainAfter(seconds * SECOND_MS);
  const rows = await messages(sql);
  expect(rows.map(({ state, last_error_code }) => [state, last_error_code])).toEqual([
    ["delivered", null],
    ...Array(rows.length - 2).fill(["superseded", "told_together"]),
    ["delivered", null],
  ]);
  // The first is that of the lead itself, which came with the newest values.
  expect(notes()).toEqual([
    ["step: 20", "Телефон: +77071234567"],
    ["step: 20", "UTM-ключевое слово: —"],
  ]);
  expect(JSON.stringify(account.simulator.state.contacts())).toContain("+77071234567");
});

test("edits of two leads of one person are told each on its own", async () => {
  await sql`update amocrm_routes set on_repeat = 'deal' where source = '*'`;
  const ada = { full_name: "Ada", email: "ada@example.com" };
  const [first, second] = await insertLeads(sql, [ada, ada]);
  await account.drain();
  await sql`select amocrm_pause('collecting')`;
  for (const id of [first, second, first, second])
    await sql`update unified_lead_tracking set utm_term = coalesce(utm_term, '') || 'x' where id = ${String(id)}`;
  await sql`select amocrm_resume()`;
  await account.drainAfter(SECOND_MS);
  expect(notes()).toEqual([["UTM-ключевое слово: xx"], ["UTM-ключевое слово: xx"]]);
});
