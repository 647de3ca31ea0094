import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const ADA = { full_name: "Ada", email: "ada@example.com" };
const BLINK_MS = 3000;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const state = () => account.simulator.state;
const repeat = async () => (await messages(sql)).at(-1);
const living = () =>
  [state().deals(), state().contacts()].map((rows) => rows.filter((row) => !row.is_deleted).length);

/** Two leads of Ada, between which amoCRM changes. */
async function leaveTwice(between: () => void): Promise<void> {
  await insertLeads(sql, [ADA]);
  await account.drain();
  between();
  await insertLeads(sql, [ADA]);
  await account.drainAfter(SECOND_MS);
}
const blink = () =>
  account.simulator.control.patchSettings({ lists: { blank_by_id: { probability: 1, for_ms: BLINK_MS } } });

test.each([true, false])(
  "a deal and a contact that amoCRM does not show once are no second ones (mirror complete: %s)",
  async (hasMirror) => {
    await sql`update amocrm.cursors set is_complete = ${hasMirror} where entity = 'contact'`;
    await leaveTwice(blink);
    expect(await repeat()).toMatchObject({
      state: "pending",
      last_error_code: "not_shown",
      attempt_count: 0,
      progress: { missing: [expect.stringMatching(/^read_(contacts|deals)\.\d+$/)] },
    });
    for (let look = 0; look < 3; look++) await account.drainAfter(5 * SECOND_MS);
    expect(await repeat()).toMatchObject({
      state: "delivered",
      warnings: [],
      progress: { deal: "reused", missing: [] },
    });
    expect(living()).toEqual([1, 1]);
  },
);

test("a requeue by hand a moment later is no second look", async () => {
  await sql`update amocrm.cursors set is_complete = false where entity = 'contact'`;
  await leaveTwice(blink);
  const { id } = (await repeat()) ?? {};
  await sql`select amocrm_requeue(${id ?? 0})`;
  await account.drainAfter(SECOND_MS);
  expect(await repeat()).toMatchObject({ state: "pending", last_error_code: "not_shown" });
  for (let look = 0; look < 3; look++) await account.drainAfter(5 * SECOND_MS);
  expect(await repeat()).toMatchObject({ state: "delivered", progress: { deal: "reused" } });
  expect(living()).toEqual([1, 1]);
});

test("what is deleted is believed at the second look, and made anew", async () => {
  await leaveTwice(() => {
    const [deal] = state().deals();
    account.simulator.control.edit({ action: "delete_deal", deal_id: Number(deal?.id) });
  });
  expect(await repeat()).toMatchObject({ state: "pending", last_error_code: "not_shown" });
  await account.drainAfter(5 * SECOND_MS);
  expect(await repeat()).toMatchObject({ state: "delivered", progress: { deal: "created" } });
  expect(living()).toEqual([1, 1]);
});

test("one in doubt goes on being in doubt while it waits for the second look", async () => {
  await insertLeads(sql, [ADA]);
  await account.drain();
  await insertLeads(sql, [ADA]);
  account.simulator.control.addFaults({
    kind: "lost_answer",
    method: "POST",
    path: "/api/v4/leads/notes",
    times: 1,
  });
  await account.drainAfter(SECOND_MS);
  expect(await repeat()).toMatchObject({ state: "uncertain", step: "create_notes" });
  const notes = () => state().notes().length;
  const written = notes();
  blink();
  for (const seconds of [10, 10, 60]) await account.drainAfter(seconds * SECOND_MS);
  expect(await repeat()).toMatchObject({ state: "delivered" });
  expect(notes()).toBe(written);
});

test("a contact that is gone from its deal is made anew at the second look, and not believed in meanwhile", async () => {
  const [first] = await (async () => {
    await leaveTwice(() => {
      const [contact] = state().contacts();
      account.simulator.control.edit({ action: "delete_contact", contact_id: Number(contact?.id) });
    });
    return state().contacts();
  })();
  for (let look = 0; look < 3; look++) await account.drainAfter(5 * SECOND_MS);
  const message = await repeat();
  expect(message).toMatchObject({ state: "delivered", warnings: [{ code: "contact_deleted" }] });
  expect(message?.amocrm_contact_id).not.toBe(first?.id);
});
