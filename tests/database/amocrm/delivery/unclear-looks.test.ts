import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const LEADS = "/api/v4/leads";
const ADA = { full_name: "Ada", email: "ada@example.com" };
const BEN = { full_name: "Ben", email: "ben@example.com" };
/** Ten looks at growing distances (`looked_up`). */
const LOOKS_AFTER_S = [10, 50, 250, 900, 900, 900, 900, 900, 900, 900];

let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, on_repeat) values ('*', 'note')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const ours = () => account.simulator.state.deals().filter(({ name }) => name !== "Imported");
const row = async () => (await messages(sql))[0];
const look = async (count = LOOKS_AFTER_S.length) => {
  for (const seconds of LOOKS_AFTER_S.slice(0, count)) await account.drainAfter(seconds * SECOND_MS);
};
const setId = (id: number, json: string) =>
  account.simulator.control.makeOdd({ kind: "leads", id, member: "id", json });

/** Loses Ada's create, while an integration makes a deal of which the lists tell no id: that may be hers. */
async function loseBesideDealWithoutId(fault: "lost_answer" | "not_written"): Promise<number> {
  const path = `${LEADS}/complex`;
  account.simulator.control.addFaults(
    fault === "lost_answer"
      ? { kind: "lost_answer", method: "POST", path, times: 1 }
      : { kind: "status", status: 502, method: "POST", path, times: 1 },
  );
  await insertLeads(sql, [ADA]);
  await account.drain();
  const answer = (await account.post(LEADS, [{ name: "Imported" }])) as {
    _embedded: { leads: { id: number }[] };
  };
  const id = (fault === "lost_answer" ? ours()[0]?.id : answer._embedded.leads[0]?.id) ?? 0;
  setId(id, "null");
  return id;
}

describe("a create that cannot be looked for, because a row of the list has no id,", () => {
  test("is left to a person after ten looks, with what to do; nobody else waits", async () => {
    await loseBesideDealWithoutId("not_written");
    await look(9);
    expect(await row()).toMatchObject({ state: "uncertain", last_error_code: "looked_up" });
    await insertLeads(sql, [BEN]);
    await account.drainAfter(900 * SECOND_MS);
    expect(await messages(sql)).toMatchObject([
      // The doubt stays on the row.
      { state: "dead", step: "create_deal_with_contact", last_error_code: "look_unclear", attempt_count: 1 },
      { state: "delivered" },
    ]);
    expect(await sql`select error_code, remedy from amocrm_dead_letters`).toEqual([
      {
        error_code: "look_unclear",
        remedy:
          "Look in amoCRM whether it is there. Not there: select amocrm_requeue(1); there: select amocrm_cancel(1)",
      },
    ]);
    expect(await sql`select dead_count::int from amocrm_health`).toEqual([{ dead_count: 1 }]);
    expect(ours()).toHaveLength(1);
  });

  test("is made once where a person has looked and requeues it, and not by requeueing everything", async () => {
    await loseBesideDealWithoutId("not_written");
    await look();
    const [all] = await sql`select amocrm_requeue_dead() as count`;
    expect(all?.["count"]).toBe(0);
    const [named] = await sql`select amocrm_requeue_dead(p_error_code => 'look_unclear') as count`;
    expect(named?.["count"]).toBe(1);
    await account.drain();
    expect(await row()).toMatchObject({ state: "delivered", amocrm_deal_id: ours()[0]?.id });
    expect(ours()).toHaveLength(1);
  });

  test("is adopted where it is requeued once it can be read", async () => {
    const id = await loseBesideDealWithoutId("lost_answer");
    await look();
    expect(await row()).toMatchObject({ state: "dead", last_error_code: "look_unclear" });
    setId(id, String(id));
    await sql`select amocrm_requeue(1)`;
    await account.drainAfter(SECOND_MS);
    expect(await row()).toMatchObject({ state: "delivered", amocrm_deal_id: id });
    expect(ours()).toHaveLength(1);
  });

  test("and whose answer is lost again after that, is looked for as often again", async () => {
    await loseBesideDealWithoutId("not_written");
    await look();
    account.simulator.control.addFaults({
      kind: "status",
      status: 502,
      method: "POST",
      path: `${LEADS}/complex`,
      times: 1,
    });
    await sql`select amocrm_requeue(1)`;
    await account.drain();
    await account.drainAfter(10 * SECOND_MS);
    expect(await row()).toMatchObject({ state: "uncertain", last_error_code: "looked_up", attempt_count: 1 });
    expect(ours()).toHaveLength(0);
  });
});
