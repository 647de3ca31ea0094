import { beforeEach, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../support/account.ts";
import { DAY_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages, strangers } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
});

const FIELDS = "/api/v4/leads/custom_fields";
const markers = async () => {
  const { _embedded } = (await account.get(`${FIELDS}?limit=250`)) as {
    _embedded: { custom_fields: { id: number; code: string }[] };
  };
  return _embedded.custom_fields.filter(({ code }) => code === "SUPABASE_LEAD_ID");
};
const makeField = (type: string) => account.post(FIELDS, [{ name: "Ours", type, code: "SUPABASE_LEAD_ID" }]);
const makings = () => account.requests().filter((request) => request === `POST ${FIELDS}`).length;
const mapped = async () =>
  (await sql`select field_id from amocrm_fields where entity = 'deal' and path = 'id'`)[0]?.["field_id"];
const notice = async () => (await sql`select notice from amocrm_health`)[0]?.["notice"];
const states = async () => (await messages(sql)).map(({ state }) => state);

describe("without a marker field", () => {
  test("the drain makes one before its first create, and the same batch's deals carry it", async () => {
    const [leadId] = await insertLeads(sql, strangers(2));
    await account.drain();
    const [field] = await markers();
    expect(await mapped()).toBe(field?.id);
    expect(await notice()).not.toContain("marker");
    const requests = account.requests();
    expect(requests.indexOf(`POST ${FIELDS}`)).toBeLessThan(requests.indexOf("POST /api/v4/leads/complex"));
    const values = account.simulator.state.deals().map((deal) => JSON.stringify(deal.custom_fields_values));
    expect(values.filter((value) => value.includes(String(leadId)))).toHaveLength(1);
    expect(await states()).toEqual(["delivered", "delivered"]);
  });

  test("it takes over the one that is there, and asks for no field ever again", async () => {
    await makeField("text");
    account.simulator.log.clear();
    await insertLeads(sql, strangers(1));
    await account.drain();
    expect([makings(), await mapped()]).toEqual([0, (await markers())[0]?.id]);
    account.simulator.log.clear();
    await insertLeads(sql, strangers(1, "later"));
    await account.drainAfter(2 * DAY_MS);
    expect(account.requests().filter((request) => request.includes("custom_fields"))).toEqual([]);
  });

  test("a lost answer makes no second field: it is looked for", async () => {
    account.simulator.control.addFaults({ kind: "lost_answer", method: "POST", path: FIELDS });
    await insertLeads(sql, strangers(1));
    await account.drain();
    expect([makings(), (await markers()).length]).toEqual([1, 1]);
    expect(await mapped()).toBe((await markers())[0]?.id);
  });

  test("without the right to make fields leads go out all the same, the breaker stays closed, and health says why", async () => {
    account.simulator.control.addFaults({ kind: "forbidden", method: "POST", path: FIELDS });
    await insertLeads(sql, strangers(2));
    await account.drain();
    expect(await states()).toEqual(["delivered", "delivered"]);
    expect((await sql`select verdict, breaker_code from amocrm_health`)[0]).toMatchObject({
      breaker_code: null,
    });
    expect(await notice()).toMatch(
      /recognised by its name only\. It could not be made \(.*lack of rights \(403\).*setup --marker/,
    );
  });

  test("after a try that failed the next comes a day later, and not sooner", async () => {
    account.simulator.control.addFaults({
      kind: "status",
      status: 400,
      method: "POST",
      path: FIELDS,
      // Once with its code, once without.
      times: 2,
    });
    await insertLeads(sql, strangers(1));
    await account.drain();
    expect([makings(), await mapped()]).toEqual([2, undefined]);
    await insertLeads(sql, strangers(1, "soon"));
    await account.drainAfter(DAY_MS - 3_600_000);
    expect(makings()).toBe(2);
    await insertLeads(sql, strangers(1, "later"));
    await account.drainAfter(3_600_000);
    expect([makings(), await mapped()]).toEqual([3, (await markers())[0]?.id]);
    expect(await states()).toEqual(["delivered", "delivered", "delivered"]);
  });

  test("a field of its code and another type is left alone and named", async () => {
    await makeField("numeric");
    await insertLeads(sql, strangers(1));
    await account.drain();
    expect(await mapped()).toBeUndefined();
    expect(await notice()).toContain("the type numeric, not text");
    expect(await states()).toEqual(["delivered"]);
  });

  test("a blocked account stops the drain before anything is created, and nothing is lost", async () => {
    account.simulator.control.block();
    await insertLeads(sql, strangers(1));
    expect(await account.drain()).toMatchObject({ stoppedBy: "account_blocked" });
    expect(await states()).toEqual(["pending"]);
    expect(account.requests()).toHaveLength(1);
  });

  test("nothing due means nothing asked", async () => {
    await account.drain();
    expect(account.requests()).toEqual([]);
  });
});

describe("without a marker, and with no right to make one, leads of the same name", () => {
  const ANNAS = [
    { full_name: "Anna", email: "anna1@example.com" },
    { full_name: "Anna", email: "anna2@example.com" },
  ];
  const COMPLEX = "/api/v4/leads/complex";
  const dealIds = async () => (await messages(sql)).map(({ amocrm_deal_id }) => amocrm_deal_id);
  const dealsMade = () => account.simulator.state.deals().map(({ id }) => id);
  beforeEach(() => account.simulator.control.addFaults({ kind: "forbidden", method: "POST", path: FIELDS }));

  test("have a deal each, when the answer for both was lost", async () => {
    account.simulator.control.addFaults({ kind: "lost_answer", method: "POST", path: COMPLEX, times: 1 });
    await insertLeads(sql, ANNAS);
    await account.drain();
    await account.drainAfter(10_000);
    expect(await states()).toEqual(["delivered", "delivered"]);
    expect(dealsMade()).toHaveLength(2);
    expect(new Set(await dealIds())).toEqual(new Set(dealsMade()));
  });

  test("leave alone what was made for the other, and what was not made for them is made", async () => {
    await insertLeads(sql, ANNAS.slice(0, 1));
    await account.drain();
    account.simulator.control.addFaults({
      kind: "status",
      status: 502,
      method: "POST",
      path: COMPLEX,
      times: 1,
    });
    await insertLeads(sql, ANNAS.slice(1));
    await account.drain();
    for (const seconds of [10, 50, 250]) await account.drainAfter(seconds * 1000);
    expect(await states()).toEqual(["delivered", "delivered"]);
    expect(new Set(await dealIds())).toEqual(new Set(dealsMade()));
    expect(dealsMade()).toHaveLength(2);
  });

  test.each(["note", "deal"])(
    "have no second deal where the lists leave out the first and a manager closed it (on_repeat %s)",
    async (onRepeat) => {
      await sql`update amocrm_routes set on_repeat = ${onRepeat} where source = '*'`;
      account.simulator.control.patchSettings({ lists: { late_ms: 600_000 } });
      account.simulator.control.addFaults({ kind: "lost_answer", method: "POST", path: COMPLEX, times: 1 });
      await insertLeads(sql, ANNAS.slice(0, 1));
      await account.drain();
      const [dealId] = dealsMade();
      account.simulator.control.edit({ action: "lose_deal", deal_id: dealId ?? 0 });
      for (const seconds of [10, 50, 250]) await account.drainAfter(seconds * 1000);
      expect(dealsMade()).toEqual([dealId]);
      expect(await states()).toEqual(["delivered"]);
      expect(await dealIds()).toEqual([dealId]);
    },
  );
});
