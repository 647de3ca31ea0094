import { describe, expect, it } from "vitest";
import { makeDeal, openAccount } from "./support/account.ts";

describe("the form of answers", () => {
  it.each([
    ["contacts", "/api/v4/contacts"],
    ["a search without hits", "/api/v4/contacts?query=nobody"],
    ["an unknown contact", "/api/v4/contacts/1"],
    ["an unknown deal", "/api/v4/leads/1"],
    ["notes", "/api/v4/leads/notes"],
    ["tasks", "/api/v4/tasks"],
  ])("answers an empty result for %s with 204 and no body", async (_name, path) => {
    const reply = await openAccount().get(path);
    expect([reply.status, reply.text]).toEqual([204, ""]);
  });

  it("answers a page after the last one with 204", async () => {
    const account = openAccount();
    await makeDeal(account);
    expect((await account.get("/api/v4/leads?page=2")).status).toBe(204);
  });

  it.each([
    ["an unknown path", "GET", "/api/v4/nothing", undefined, 404],
    ["an unknown parent", "GET", "/api/v4/leads/pipelines/0/statuses", undefined, 404],
    ["a wrong method", "POST", "/api/v4/contacts/5", "{}", 405],
    ["a read of the complex route", "GET", "/api/v4/leads/complex", undefined, 405],
    ["an empty body", "POST", "/api/v4/contacts", "", 400],
    ["an empty list", "POST", "/api/v4/contacts", "[]", 400],
    ["a broken body", "POST", "/api/v4/contacts", "[{", 400],
    ["a scalar body", "POST", "/api/v4/contacts", "5", 400],
  ])("answers %s as problem+json", async (_name, method, path, body, status) => {
    const reply = await openAccount().send(method, path, body === undefined ? {} : { body });
    expect(reply.status).toBe(status);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(reply.json).toMatchObject({ status, type: `https://httpstatus.es/${status}` });
  });

  it("names an empty body in its detail", async () => {
    const reply = await openAccount().post("/api/v4/leads");
    expect(reply.json.detail).toBe("Request data can not be empty");
  });

  it("answers a created entity with 200 and hal+json, its request_id echoed", async () => {
    const reply = await openAccount().post("/api/v4/contacts", [
      { name: "A", request_id: "ours-7" },
      { name: "B" },
    ]);
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("application/hal+json");
    expect(reply.json._embedded.contacts).toMatchObject([{ request_id: "ours-7" }, { request_id: "1" }]);
  });

  it("puts a fresh X-Request-Id on every answer, refusals included", async () => {
    const account = openAccount();
    const ids = [
      (await account.get("/api/v4/contacts")).headers.get("x-request-id"),
      (await account.get("/api/v4/nothing")).headers.get("x-request-id"),
    ];
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id ?? ""))).toBe(true);
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ["ru", "Неверный логин или пароль"],
    ["en", "Incorrect user name or password"],
  ] as const)("speaks %s in details when set so", async (language, detail) => {
    const account = openAccount({ language });
    const reply = await account.send("GET", "/api/v4/account", {
      headers: { authorization: "Bearer nonsense" },
    });
    expect([reply.status, reply.json.detail]).toEqual([401, detail]);
  });

  it.each([
    ["leads", "/api/v4/leads", 250],
    ["contacts", "/api/v4/contacts", 250],
    ["notes", "/api/v4/leads/notes", 250],
  ])("refuses more than the maximum of %s with 422", async (_name, path, max) => {
    const account = openAccount();
    const reply = await account.post(
      path,
      Array.from({ length: max + 1 }, () => ({ name: "x" })),
    );
    expect([reply.status, reply.json.detail]).toEqual([422, "Limit 250 per page"]);
    expect(account.sim.state.counts().contacts).toBe(0);
  });

  it.each([422, 400] as const)("refuses 51 complex items with %i as set", async (status) => {
    const account = openAccount({ writes: { complex_over_limit_status: status } });
    const items = Array.from({ length: 51 }, () => ({ name: "x" }));
    expect((await account.post("/api/v4/leads/complex", items)).status).toBe(status);
    expect((await account.post("/api/v4/leads/complex", items.slice(1))).status).toBe(200);
  });

  it("makes a second entity for the same request_id: it is an echo, not a key", async () => {
    const account = openAccount();
    for (let turn = 0; turn < 2; turn++) {
      await account.post("/api/v4/leads", [{ name: "Same", request_id: "same" }]);
    }
    expect(account.sim.state.counts().deals).toBe(2);
  });

  it("ignores an id inside a POST and makes a new entity", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    const reply = await account.post("/api/v4/leads", [{ id: dealId, name: "Other" }]);
    expect(reply.json._embedded.leads[0].id).not.toBe(dealId);
  });
});

describe("the account's own description", () => {
  it("shows subdomain and ids, and extras only when asked for", async () => {
    const account = openAccount({ lists: { is_api_filter_enabled: true } });
    const plain = (await account.get("/api/v4/account")).json;
    expect(plain).toMatchObject({ id: 5_550_001, subdomain: "sim", current_user_id: 7001 });
    expect(plain).not.toHaveProperty("is_api_filter_enabled");
    const full = (await account.get("/api/v4/account?with=is_api_filter_enabled,datetime_settings")).json;
    expect(full.is_api_filter_enabled).toBe(true);
    expect(full._embedded.datetime_settings.timezone_offset).toBe("+03:00");
  });

  it("lists users, pipelines and stages with won and lost in every pipeline", async () => {
    const account = openAccount();
    expect((await account.get("/api/v4/users")).json._embedded.users).toHaveLength(4);
    const { pipelines } = (await account.get("/api/v4/leads/pipelines")).json._embedded;
    for (const pipeline of pipelines) {
      const stages: { id: number; sort: number; type: number }[] = pipeline._embedded.statuses;
      expect(stages.filter(({ type }) => type === 1)).toHaveLength(1);
      expect(stages.find(({ id }) => id === 142)?.sort).toBe(10_000);
      expect(stages.find(({ id }) => id === 143)?.sort).toBe(11_000);
    }
    expect((await account.get("/api/v4/leads/pipelines/4500/statuses/62002")).json.name).toBe("Урок 67");
  });
});
