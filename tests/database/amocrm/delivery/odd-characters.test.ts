import { beforeEach, describe, expect, test } from "vitest";
import { ODD_TEXTS } from "#dev/amocrm-simulator/account/oddities.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
});

const states = async () => (await messages(sql)).map(({ state }) => state);

test("a name that amoCRM refuses for its length is cut between characters, and stops nobody", async () => {
  await insertLeads(sql, [{ email: "a@example.com", full_name: `${"я".repeat(249)}🙂${"я".repeat(100)}` }]);
  await account.drain();
  await insertLeads(sql, [{ email: "b@example.com" }]);
  await account.drainAfter(2 * MINUTE_MS);
  await account.drainAfter(2 * MINUTE_MS);
  expect(await states()).toEqual(["delivered", "delivered"]);
  expect(account.simulator.state.contacts()[0]?.name).toBe(`${"я".repeat(249)}🙂`);
});

describe.each(["name", "custom_fields_values.0.values.0.value", "_embedded.tags.0.name"])(
  "a contact with an odd text as its %s",
  (member) => {
    test.each(ODD_TEXTS)("stops nobody, nor the leads that are about it: %.40s", async (json) => {
      const email = "odd@example.com";
      const ids = account.simulator.control.populate({ contacts: 1 }).contact_ids;
      const id = ids[0] ?? 0;
      account.simulator.control.edit({ action: "change_email", contact_id: id, email });
      account.simulator.control.makeOdd({ kind: "contacts", id, member, json });
      await insertLeads(sql, [{ email: "a@example.com" }, { email }]);
      await account.drain();
      account.simulator.control.edit({ action: "change_phone", contact_id: id, phone: "+77010000001" });
      await insertLeads(sql, [{ email: "b@example.com" }, { email }]);
      await account.drainAfter(2 * MINUTE_MS);
      expect(await states()).toEqual(["delivered", "delivered", "delivered", "delivered"]);
    });
  },
);
