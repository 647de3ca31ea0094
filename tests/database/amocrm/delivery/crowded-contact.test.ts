import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
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
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const EMAIL = "ann@example.com";
const phoneOf = (index: number): string => `+7701000${String(index).padStart(4, "0")}`;
const notes = () => account.simulator.state.notes().map(({ params }) => String(params["text"]));
const phonesOnCard = () =>
  (
    account.simulator.state.contacts() as {
      custom_fields_values: { field_code: string; values: { value: string }[] }[];
    }[]
  )
    .flatMap((contact) => contact.custom_fields_values)
    .filter(({ field_code }) => field_code === "PHONE")
    .flatMap(({ values }) => values.map(({ value }) => value));

test.each([
  ["with the mirror", true],
  ["without it", false],
])(
  "whoever knows an e-mail puts ten phones on the card, and the further ones into notes, %s",
  async (_, isComplete) => {
    await sql`update amocrm.cursors set is_complete = ${isComplete} where entity = 'contact'`;
    for (let index = 1; index <= 12; index++) {
      await insertLeads(sql, [{ full_name: "Ann", email: EMAIL, phone: phoneOf(index) }]);
      await account.drainAfter(MINUTE_MS);
    }
    expect((await messages(sql)).map(({ state }) => state)).toEqual(Array(12).fill("delivered"));
    expect(phonesOnCard()).toEqual(Array.from({ length: 10 }, (_, index) => phoneOf(index + 1)));
    for (const index of [11, 12]) {
      const told = notes().filter((text) => text.includes(phoneOf(index)));
      expect(told).toHaveLength(1);
      // Once in it, and not as the number on the card and as the one without room.
      expect(told[0]?.split(phoneOf(index))).toHaveLength(2);
    }
    await sql`update unified_lead_tracking set phone = ${phoneOf(77)} where phone = ${phoneOf(1)}`;
    await account.drainAfter(MINUTE_MS);
    expect(phonesOnCard()).toHaveLength(10);
    expect(notes().filter((text) => text.includes(phoneOf(77)))).toHaveLength(1);
  },
);
