import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leave, type System, startSystem } from "../support/system.ts";

// Keys that open one door, at the functions themselves: what each opens, and that it opens nothing else.
let system: System;
let call: string;
let monitor: string;
beforeAll(async () => {
  system = await startSystem();
  const tokens = await system.sql`select amocrm.vault_secret('amocrm_call_token') as call,
    amocrm_make_monitor_token() as monitor`;
  call = tokens[0]?.["call"];
  monitor = tokens[0]?.["monitor"];
});
afterAll(() => system.stop());

const CRON = [
  "amocrm-drain",
  "amocrm-pull",
  "message-drain",
  "amocrm-oauth/refresh",
  "sms-drain",
  "loyalty-pull",
  "unisender-drain",
];
const statusOf = async (name: string, method: string, headers: Record<string, string>): Promise<number> =>
  (
    await fetch(`${system.stack.functionsUrl}/${name}`, {
      method,
      headers,
      ...(method === "GET" ? {} : { body: "{}" }),
    })
  ).status;
const byCall = (token: string) => ({ "x-amocrm-call": token });
const byBearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("the token of cron's calls", () => {
  test.each(CRON)("opens %s", async (name) => {
    expect(await statusOf(name, "GET", byCall(call))).toBe(405);
    // 503 where a function lacks variables, which it says to whom it knows.
    expect([202, 503]).toContain(await statusOf(name, "POST", byCall(call)));
    expect([202, 503]).toContain(await statusOf(name, "POST", { apikey: system.stack.secretKey }));
  });

  test("opens nothing else: no page of monitors, no operator's action, no table", async () => {
    expect(await statusOf("amocrm-health", "GET", byCall(call))).toBe(401);
    expect(await statusOf("amocrm-health", "GET", byBearer(call))).toBe(401);
    expect([401, 403]).toContain(await statusOf("amocrm-admin", "POST", byCall(call)));
    const rows = await fetch(`${system.stack.url}/rest/v1/landing_leads`, { headers: { apikey: call } });
    expect(rows.status).toBe(401);
  });

  test("is what pg_net carries, and no secret key with it", async () => {
    await leave(system, { full_name: "Ada", email: "ada@example.com" });
    await system.delivered();
    await system.sql`select amocrm_pause('to keep a call')`;
    const [row] = await system.sql`select amocrm.call_headers() as headers`;
    expect(Object.keys(row?.["headers"]).sort()).toEqual(["Content-Type", "x-amocrm-call"]);
    await system.sql`select amocrm_resume()`;
  });
});

describe("a door that strangers knock at", () => {
  // The right answers to the right secrets are tested at the handlers; here each function is loaded by Deno and shut.
  test.each([
    // Not set up, they take nothing, and the sender tries again.
    ["sms-webhook", "POST", 503],
    ["qtickets-events", "POST", 503],
    ["vk-events", "POST", 503],
    ["telegram-events", "POST", 503],
    ["instagram-events", "POST", 503],
    ["instagram-events", "GET", 503],
    ["unisender-events", "POST", 503],
    // Says the same whatever the link is worth, so that nobody learns who gets mail.
    ["unsubscribe", "GET", 200],
    ["unsubscribe", "POST", 200],
  ])("%s answers a %s that proves nothing with %i, and stores nothing", async (name, method, status) => {
    expect(await statusOf(name, method, { "content-type": "application/json" })).toBe(status);
    expect(await system.sql`select from amocrm.inbox`).toHaveLength(0);
    expect(await system.sql`select from message_consents`).toHaveLength(0);
  });
});

describe("the monitor's token", () => {
  test("opens amocrm-health, as a secret key does", async () => {
    expect([200, 503]).toContain(await statusOf("amocrm-health", "GET", byBearer(monitor)));
    expect([200, 503]).toContain(await statusOf("amocrm-health", "GET", { apikey: system.stack.secretKey }));
    expect(await statusOf("amocrm-health", "POST", byBearer(monitor))).toBe(405);
    const metrics = await fetch(`${system.stack.functionsUrl}/amocrm-health/metrics`, {
      headers: byBearer(monitor),
    });
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).toContain('amocrm_messages{queue="amocrm",state="pending"}');
  });

  test.each([...CRON, "amocrm-admin"])("does not open %s", async (name) => {
    expect([401, 403]).toContain(await statusOf(name, "POST", byBearer(monitor)));
    expect([401, 403]).toContain(await statusOf(name, "POST", byCall(monitor)));
  });
});

test.each([
  ["nothing", () => ({})],
  ["the publishable key", () => ({ apikey: system.stack.publishableKey })],
  ["a key that nobody has", () => ({ apikey: "sb_secret_wrong" })],
  ["a token that nobody has", () => ({ ...byCall("0".repeat(64)), ...byBearer("0".repeat(64)) })],
  ["a token of another form", () => ({ ...byCall("' or true --"), ...byBearer("x".repeat(5000)) })],
  ["the old anon key", () => byBearer(system.stack.anonKey)],
])("with %s every door stays shut, and says no more", async (_case, headers) => {
  const pages = ["amocrm-health", "amocrm-health/metrics"].map((one) => [one, "GET"] as const);
  for (const [name, method] of [...CRON.map((one) => [one, "POST"] as const), ...pages]) {
    const answer = await fetch(`${system.stack.functionsUrl}/${name}`, {
      method,
      headers: headers(),
    });
    expect([401, 403]).toContain(answer.status);
    expect(await answer.text()).not.toMatch(/sb_secret|[0-9a-f]{64}/);
  }
});
