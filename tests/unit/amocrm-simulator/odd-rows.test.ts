import { describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { odditiesOf } from "#dev/amocrm-simulator/account/oddities.ts";
import { createSimulator } from "#dev/amocrm-simulator/simulator.ts";

function account() {
  const simulator = createSimulator({ now: () => 1_900_000_000_000, population: { contacts: 2, deals: 1 } });
  const get = async (path: string): Promise<string> => {
    const response = await simulator.fetch(`https://sim.amocrm.ru/api/v4/${path}`, {
      headers: { Authorization: `Bearer ${simulator.accessToken}` },
    });
    return response.text();
  };
  const ids = simulator.state.contacts().map(({ id }) => id);
  return { simulator, get, first: ids[0] ?? 0, second: ids[1] ?? 0 };
}

describe("an odd row", () => {
  it("has the very JSON as its member, in lists and by itself, and the others are as they were", async () => {
    const { simulator, get, first, second } = account();
    const before = JSON.parse(await get(`contacts/${second}`));
    simulator.control.makeOdd({ kind: "contacts", id: first, member: "_embedded", json: "[]" });
    simulator.control.makeOdd({ kind: "contacts", id: first, member: "name", json: String.raw`"a\ud83d"` });
    const list = await get("contacts");
    expect(list).toContain(String.raw`"name":"a\ud83d"`);
    expect(JSON.parse(list)._embedded.contacts).toMatchObject([{ _embedded: [] }, before]);
    expect(JSON.parse(await get(`contacts/${first}`))).toMatchObject({ id: first, _embedded: [] });
    expect(JSON.parse(await get(`contacts/${second}`))).toEqual(before);
  });

  it("may be no object at all, and hold what no program could write", async () => {
    const { simulator, get, first } = account();
    simulator.control.makeOdd({ kind: "contacts", id: first, member: "", json: "null" });
    expect(JSON.parse(await get("contacts"))._embedded.contacts[0]).toBeNull();
    const [deal] = simulator.state.deals();
    simulator.control.makeOdd({ kind: "leads", id: deal?.id ?? 0, member: "price", json: "1e400" });
    expect(await get("leads")).toContain('"price":1e400');
    simulator.control.makeOdd({ kind: "pipelines", id: SEED_IDS.sales.pipeline, member: "sort", json: "{}" });
    expect(JSON.parse(await get("leads/pipelines"))._embedded.pipelines[0].sort).toEqual({});
  });

  it("counts as changed when it became odd", async () => {
    const { simulator, get, first } = account();
    simulator.control.makeOdd({ kind: "contacts", id: first, member: "name", json: "null" });
    expect(await get("contacts?filter[updated_at][from]=1900000000")).toContain(`"id":${first}`);
  });
});

describe("a population of odd rows", () => {
  it("holds each kind of row that an account has, each odd in another way", async () => {
    const { simulator, get } = account();
    const count = 100;
    const ids = simulator.control.populateOdd({
      contacts: count,
      deals: count,
      users: count,
      pipelines: count,
      fields: count,
    });
    expect(Object.values(ids).map((of) => new Set(of).size)).toEqual([count, count, count, count, count]);
    for (const path of ["contacts?limit=250", "leads?limit=250", "users?limit=250", "leads/pipelines"]) {
      expect((await get(path)).length).toBeGreaterThan(1000);
    }
    const oddities = odditiesOf("contacts").slice(0, count);
    expect(new Set(oddities.map(({ member, json }) => `${member} ${json}`)).size).toBe(count);
    // Some of every member and of every value come early, so that a hundred rows are a fair sample.
    expect(new Set(oddities.map(({ member }) => member)).size).toBeGreaterThan(15);
    expect(new Set(oddities.map(({ json }) => json)).size).toBeGreaterThan(25);
  });
});
