import { describe, expect, it } from "vitest";
import type { Account } from "./support/account.ts";
import { makeDeal, openAccount } from "./support/account.ts";

const idsOf = (account: Account, kind: "leads" | "contacts", query: string): Promise<number[]> =>
  account
    .get(`/api/v4/${kind}?limit=250&${query}`)
    .then((reply) => (reply.json?._embedded[kind] ?? []).map((row: { id: number }) => row.id));

describe("a list's pages", () => {
  it("hold 50 rows by default and link to the next until the last one", async () => {
    const account = openAccount({}, { population: { contacts: 120 } });
    const seen: number[] = [];
    let path: string | undefined = "/api/v4/contacts";
    while (path !== undefined) {
      const {
        json,
      }: { json: { _embedded: { contacts: { id: number }[] }; _links: { next?: { href: string } } } } =
        await account.get(path);
      seen.push(...json._embedded.contacts.map(({ id }) => id));
      path = json._links.next?.href.replace("https://sim.amocrm.ru", "");
    }
    expect(new Set(seen).size).toBe(120);
    expect((await account.get("/api/v4/contacts?page=3")).json._embedded.contacts).toHaveLength(20);
  });

  it.each([
    ["clamp", 200, 250],
    ["refuse", 400, undefined],
  ] as const)("over 250 rows %s when set so", async (over_limit, status, rows) => {
    const account = openAccount({ lists: { over_limit } }, { population: { contacts: 260 } });
    const reply = await account.get("/api/v4/contacts?limit=400");
    expect([reply.status, reply.json._embedded?.contacts.length]).toEqual([status, rows]);
  });

  it.each([
    ["when_more", [true, false]],
    ["when_full", [true, true]],
    ["always", [true, true]],
  ] as const)("link to the next %s, and 204 comes behind the last", async (next_link, expected) => {
    const account = openAccount({ lists: { next_link } }, { population: { deals: 4 } });
    const seen = [];
    for (const page of [1, 2]) {
      const answer = await account.get(`/api/v4/leads?limit=2&page=${page}`);
      seen.push(answer.json._links.next !== undefined);
    }
    expect(seen).toEqual(expected);
    expect((await account.get("/api/v4/leads?limit=2&page=3")).status).toBe(204);
    const short = await account.get("/api/v4/leads?limit=3&page=2");
    expect(short.json._links.next !== undefined).toBe(next_link === "always");
  });

  it("have no total for contacts and deals", async () => {
    const account = openAccount({}, { population: { contacts: 1, deals: 1 } });
    expect((await account.get("/api/v4/leads")).json).not.toHaveProperty("_total_items");
    expect((await account.get("/api/v4/leads/pipelines")).json._total_items).toBe(2);
  });

  it("are ordered as asked, and by id otherwise", async () => {
    const account = openAccount();
    const first = await makeDeal(account);
    const second = await makeDeal(account);
    await account.clock.advance(5000);
    await account.patch(`/api/v4/leads/${first.dealId}`, { price: 1 });
    expect(await idsOf(account, "leads", "")).toEqual([first.dealId, second.dealId]);
    expect(await idsOf(account, "leads", "order[updated_at]=asc")).toEqual([second.dealId, first.dealId]);
    expect(await idsOf(account, "leads", "order[id]=desc")).toEqual([second.dealId, first.dealId]);
    expect(await idsOf(account, "leads", "order[nothing]=desc")).toEqual([first.dealId, second.dealId]);
  });

  it("shift when a row changes while they are read in order of updated_at", async () => {
    const account = openAccount({}, { population: { deals: 4 } });
    const page = (number: number) =>
      account.get(`/api/v4/leads?limit=2&order[updated_at]=asc&page=${number}`).then((reply) => reply.json);
    const [one, two] = (await page(1))._embedded.leads;
    await account.patch(`/api/v4/leads/${one.id}`, { price: 9 });
    const rest = (await page(2))._embedded.leads.map((row: { id: number }) => row.id);
    expect(rest).not.toContain(two.id + 1);
  });
});

describe("a filter", () => {
  async function threeDeals(account: Account): Promise<number[]> {
    const ids: number[] = [];
    const places = [{}, { pipeline_id: 4500, status_id: 62_002 }, { status_id: 142 }];
    for (const [index, place] of places.entries()) {
      const deal = { ...place, price: index * 100, responsible_user_id: index === 1 ? 7002 : 7001 };
      ids.push((await makeDeal(account, { deal })).dealId);
      await account.clock.advance(10_000);
    }
    return ids;
  }

  it.each<[string, (start: number, ids: number[]) => string, number[]]>([
    ["id, as a list", (_start, ids) => `filter[id][]=${ids[0]}&filter[id][]=${ids[2]}`, [0, 2]],
    ["id, as one", (_start, ids) => `filter[id]=${ids[1]}`, [1]],
    ["updated_at from", (start) => `filter[updated_at][from]=${start + 10}`, [1, 2]],
    ["updated_at to", (start) => `filter[updated_at][to]=${start + 10}`, [0, 1]],
    [
      "created_at from and to",
      (start) => `filter[created_at][from]=${start + 1}&filter[created_at][to]=${start + 15}`,
      [1],
    ],
    ["pipeline_id", () => "filter[pipeline_id][]=4500", [1]],
    [
      "a pair of pipeline and stage",
      () => "filter[statuses][0][pipeline_id]=4400&filter[statuses][0][status_id]=142",
      [2],
    ],
    ["responsible_user_id", () => "filter[responsible_user_id][]=7002", [1]],
    ["price from", () => "filter[price][from]=100", [1, 2]],
    ["closed_at from", () => "filter[closed_at][from]=1", [2]],
    ["two at once", () => "filter[price][from]=100&filter[pipeline_id]=4400", [2]],
    ["a plain status_id, which is ignored", () => "filter[status_id]=142", [0, 1, 2]],
    ["an unknown name, which is ignored", () => "filter[colour]=red", [0, 1, 2]],
    ["a half pair, which is ignored", () => "filter[statuses][0][status_id]=142", [0, 1, 2]],
    ["a bare updated_at, which finds nothing", (start) => `filter[updated_at]=${start}`, []],
    [
      "a custom field without the paid option, which is ignored",
      () => "filter[custom_fields_values][411][]=x",
      [0, 1, 2],
    ],
  ])("lets through what it says: %s", async (_name, query, expected) => {
    const account = openAccount();
    const start = account.clock.now() / 1000;
    const ids = await threeDeals(account);
    expect(await idsOf(account, "leads", query(start, ids))).toEqual(expected.map((index) => ids[index]));
  });

  it("of any kind is ignored in an account that must pay for filters", async () => {
    const account = openAccount({ lists: { filters_need_paid_option: true } });
    const ids = await threeDeals(account);
    expect(await idsOf(account, "leads", `filter[id][]=${ids[0]}`)).toEqual(ids);
    expect(await idsOf(account, "leads", "filter[pipeline_id]=4500")).toEqual(ids);
    account.sim.control.patchSettings({ lists: { is_api_filter_enabled: true } });
    expect(await idsOf(account, "leads", `filter[id][]=${ids[0]}`)).toEqual([ids[0]]);
  });

  it("by custom field works with the paid option", async () => {
    const account = openAccount({ lists: { is_api_filter_enabled: true } });
    const mark = (value: string) => ({ custom_fields_values: [{ field_id: 411, values: [{ value }] }] });
    await makeDeal(account, { deal: mark("one") });
    const { dealId } = await makeDeal(account, { deal: mark("two") });
    expect(await idsOf(account, "leads", "filter[custom_fields_values][411][]=two")).toEqual([dealId]);
  });
});

describe("deleted entities", () => {
  it("leave the lists and come back alone with only_deleted", async () => {
    const account = openAccount();
    const one = await makeDeal(account, { email: "x@y.test" });
    const two = await makeDeal(account);
    account.sim.control.edit({ action: "delete_deal", deal_id: one.dealId });
    account.sim.control.edit({ action: "delete_contact", contact_id: one.contactId });
    expect(await idsOf(account, "leads", "")).toEqual([two.dealId]);
    expect(await idsOf(account, "leads", "with=only_deleted")).toEqual([one.dealId]);
    expect(await idsOf(account, "contacts", "query=x@y.test")).toEqual([]);
    expect((await account.get(`/api/v4/leads/${one.dealId}`)).status).toBe(204);
    account.sim.control.patchSettings({ lists: { deleted_by_id: "shown" } });
    expect((await account.get(`/api/v4/leads/${one.dealId}`)).json.is_deleted).toBe(true);
  });

  it("drop out of what is embedded elsewhere", async () => {
    const account = openAccount();
    const { dealId, contactId } = await makeDeal(account);
    account.sim.control.edit({ action: "delete_contact", contact_id: contactId });
    expect((await account.get(`/api/v4/leads/${dealId}?with=contacts`)).json._embedded.contacts).toEqual([]);
  });
});
