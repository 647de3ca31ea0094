import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS, SECOND_MS } from "../../support/clock.ts";
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

const ADA = { full_name: "Ada", email: "ada@example.com", phone: "+77010000001" };
const skew = (ms: number) => account.simulator.control.patchSettings({ clock_skew_ms: ms });
const offset = async () =>
  (await sql`select clock_offset_ms as ms from amocrm.queue_control where queue = 'amocrm'`)[0]?.["ms"];
const typeContact = (email: string) =>
  account.post("/api/v4/contacts", [
    {
      name: "Typed",
      custom_fields_values: [{ field_code: "EMAIL", values: [{ value: email, enum_code: "WORK" }] }],
    },
  ]);
const mirrored = async (email: string) =>
  (await sql`select count(*)::int as count from amocrm.contact_keys where key = ${email}`)[0]?.["count"];
async function pullAll(): Promise<void> {
  while ((await account.pull()).isMoreDue) await account.wait(SECOND_MS);
}

describe.each([-10 * MINUTE_MS, -3 * MINUTE_MS, 0, 3 * MINUTE_MS, 10 * MINUTE_MS])(
  "amoCRM's clock is ahead by %i ms",
  (ms) => {
    beforeEach(() => skew(ms));

    test("and a lost answer is found, with no contact or deal twice", async () => {
      account.simulator.control.addFaults({
        kind: "lost_answer",
        method: "POST",
        path: "/api/v4/leads/complex",
        times: 1,
      });
      await insertLeads(sql, [ADA]);
      await account.drain();
      for (const after of [10, 60, 300]) await account.drainAfter(after * SECOND_MS);
      expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
      expect(account.simulator.state.contacts()).toHaveLength(1);
      expect(account.simulator.state.deals()).toHaveLength(1);
      // Date headers tell whole seconds.
      expect(Math.abs(Number(await offset()) - ms)).toBeLessThanOrEqual(1000);
    });

    test("and looks and pulls miss nothing that changed, from the first one on", async () => {
      account.simulator.control.populate({ contacts: 3 });
      await sql`update amocrm.cursors set is_complete = false, changed_until = null`;
      await pullAll();
      await typeContact("between@example.com");
      await account.wait(16 * MINUTE_MS);
      await pullAll();
      expect(await mirrored("between@example.com")).toBe(1);
      await account.wait(5 * MINUTE_MS);
      await typeContact("seen@example.com");
      await insertLeads(sql, [{ full_name: "Seen", email: "seen@example.com" }]);
      await account.drain();
      expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
      expect(account.simulator.state.contacts()).toHaveLength(5);
    });

    test("and one that is set while we look away is noticed by the next answer", async () => {
      await insertLeads(sql, [ADA]);
      await account.drain();
      skew(-ms);
      await account.wait(5 * MINUTE_MS);
      await typeContact("later@example.com");
      await insertLeads(sql, [{ full_name: "Later", email: "later@example.com" }]);
      await account.drain();
      expect(account.simulator.state.contacts()).toHaveLength(2);
    });
  },
);

test("before a create is repeated amoCRM is asked for the contact, and not the mirror", async () => {
  account.simulator.control.addFaults({
    kind: "lost_answer",
    method: "POST",
    path: "/api/v4/leads/complex",
    times: 1,
  });
  await insertLeads(sql, [ADA]);
  await account.drain();
  // The looks find nothing: a manager has deleted the deal, and its contact stayed.
  const [deal] = account.simulator.state.deals() as { id: number }[];
  account.simulator.control.edit({ action: "delete_deal", deal_id: deal?.id ?? 0 });
  await sql`truncate amocrm.contacts cascade`;
  await sql`update amocrm.cursors set changed_until = '2100-01-01' where entity = 'contact'`;
  for (const after of [10, 60, 300]) await account.drainAfter(after * SECOND_MS);
  expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
  expect(account.simulator.state.contacts()).toHaveLength(1);
});
