import { afterEach, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { leave, type System, startSystem } from "../support/system.ts";

let system: System;
afterEach(() => system.stop());

const health = async () => {
  const [row] = await system.sql<
    { verdict: string; problem: string | null; missing: string[]; waiting_count: number }[]
  >`
    select verdict, problem, missing, waiting_count::int from amocrm_health`;
  return row;
};

test("a misspelt variable: leads are saved and wait; the answer, the heartbeat and the log name it", async () => {
  system = await startSystem({
    functionEnv: { AMOCRM_SUBDOMAIN: "company", AMOCRM_ACESS_TOKEN: "secret-token-value" },
  });
  await leave(system, { email: "a@mail.example", source: "a" });
  const row = await waitFor("health to name the variable", async () => {
    const now = await health();
    return now?.verdict === "unconfigured" ? now : undefined;
  });
  expect(row.problem).toContain("AMOCRM_ACCESS_TOKEN");
  expect(row.missing).toEqual(["AMOCRM_ACCESS_TOKEN"]);
  const answer = await fetch(`${system.stack.functionsUrl}/amocrm-drain`, {
    method: "POST",
    headers: { apikey: system.stack.secretKey },
  });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    state: "unconfigured",
    missing: ["AMOCRM_ACCESS_TOKEN"],
    message: "AMOCRM_ACCESS_TOKEN is not set (AMOCRM_ACESS_TOKEN is set: misspelt?)",
  });
  await waitFor("the log to name it", () =>
    system.stack.functionLog().includes("AMOCRM_ACESS_TOKEN is set: misspelt?"),
  );
  expect(system.stack.functionLog()).not.toContain("secret-token-value");
  const [message] = await system.sql`select state, attempt_count from amocrm_outbox`;
  expect(message).toEqual({ state: "pending", attempt_count: 0 });
});

test("AMOCRM_ENABLED=false: leads wait, nothing is sent, health says so", async () => {
  system = await startSystem({ moreFunctionEnv: { AMOCRM_ENABLED: "false" } });
  await leave(system, { email: "a@mail.example", source: "a" });
  await waitFor("health to say disabled", async () => (await health())?.verdict === "disabled");
  expect(system.simulator.simulator.log.entries()).toEqual([]);
});

test("a lead without a route waits with the reason, and goes on its own once there is one", async () => {
  system = await startSystem({ hasRoute: false });
  await leave(system, { email: "a@mail.example", source: "landing-x" });
  const row = await waitFor("health to name the route", async () => {
    const now = await health();
    return now?.problem?.includes("amocrm_routes") ? now : undefined;
  });
  expect(row.problem).toContain('"landing-x"');
  const [message] = await system.sql`select attempt_count from amocrm_outbox`;
  expect(message?.["attempt_count"]).toBe(0);
  await system.sql`insert into amocrm_routes (source) values ('*')`;
  await system.delivered();
  const [deal] = await system.sql`select amocrm_deal_id from unified_lead_tracking`;
  expect(deal?.["amocrm_deal_id"]).not.toBeNull();
});

test("a wrong functions URL and a wrong key are each named by health", async () => {
  system = await startSystem();
  const setSecret = (name: string, value: string) => system.sql`
    select vault.update_secret((select id from vault.secrets where name = ${name}), ${value})`;
  await setSecret("amocrm_functions_url", `${system.stack.url}/functions/v0`);
  await leave(system, { email: "a@mail.example", source: "a" });
  const ticks = async () => {
    for (let round = 0; round < 3; round++) {
      await system.stack.worker?.runJob("amocrm-tick");
      await system.stack.worker?.idle();
    }
  };
  await ticks();
  expect(await health()).toMatchObject({
    verdict: "unreachable",
    problem: expect.stringContaining("last answer 404"),
  });
  await setSecret("amocrm_functions_url", system.stack.functionsUrl);
  const [kept] =
    await system.sql`select decrypted_secret as token from vault.decrypted_secrets where name = 'amocrm_call_token'`;
  await setSecret("amocrm_call_token", "f".repeat(64));
  await ticks();
  expect(await health()).toMatchObject({
    verdict: "unreachable",
    problem: expect.stringContaining("last answer 401"),
  });
  await setSecret("amocrm_call_token", kept?.["token"]);
  await ticks();
  await system.delivered();
  expect(await health()).toMatchObject({ verdict: "ok" });
});
