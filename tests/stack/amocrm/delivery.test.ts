import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { crmOf, valuesOf } from "../support/crm.ts";
import { ACCOUNT, leave, type System, startSystem } from "../support/system.ts";

let system: System;
let crm: ReturnType<typeof crmOf>;
beforeAll(async () => {
  system = await startSystem();
  crm = crmOf(system.simulator);
});
afterAll(() => system.stop());

test("a lead typed into a landing form ends as contact, deal and note, and its ids are written back", async () => {
  const insertedAtMs = Date.now();
  await leave(system, {
    full_name: "  Мария   Щербаков ",
    email: " M.Petrova@Почта.example",
    phone: "8 (926) 132-21-06",
    source: "proftest",
    utm_source: "яндекс",
    utm_campaign: "black friday 50%",
    metadata: {
      proftest: { result: "инженер", score: 58, answers: [3, 2] },
      page: "https://landing.example/?a=1",
    },
  });
  await system.delivered();
  const [contact] = crm.contacts();
  const [deal] = crm.deals();
  const [note] = crm.notes();
  const [row] = await system.sql`select * from unified_lead_tracking`;
  if (!contact || !deal || !note || !row) throw new Error("Something is missing in the CRM");

  expect(contact.name).toBe("  Мария   Щербаков ");
  expect(valuesOf(contact, "EMAIL")).toEqual(["m.petrova@почта.example"]);
  expect(valuesOf(contact, "PHONE")).toEqual(["+79261322106"]);
  expect(deal).toMatchObject({ pipeline_id: ACCOUNT.salesPipelineId, status_id: ACCOUNT.newStageId });
  expect(valuesOf(deal, ACCOUNT.utmSourceFieldId)).toEqual(["яндекс"]);
  expect(valuesOf(deal, ACCOUNT.markerFieldId)).toEqual([row["id"]]);
  expect(note.entity_id).toBe(deal.id);
  for (const part of ["proftest", "black friday 50%", "инженер", "58", "https://landing.example/?a=1"]) {
    expect(note.params.text).toContain(part);
  }
  expect(row).toMatchObject({ amocrm_contact_id: String(contact.id), amocrm_deal_id: String(deal.id) });
  expect(row["amocrm_synced_at"]).not.toBeNull();

  const [first] = system.simulator.simulator.log.entries();
  console.log(
    `first request ${(first?.received_at_ms ?? 0) - insertedAtMs} ms after the form, delivered after ${Date.now() - insertedAtMs} ms`,
  );
});

test("a changed phone takes the place of the one that we had put on the card, and changed metadata becomes a note", async () => {
  await system.sql`update unified_lead_tracking set phone = '+77001112233', metadata = '{"proftest":{"result":"аналитик"}}'`;
  await system.delivered();
  const [contact] = crm.contacts();
  expect(contact && valuesOf(contact, "PHONE")).toEqual(["+77001112233"]);
  expect(crm.notes()).toHaveLength(2);
  expect(crm.notes()[1]?.params.text).toContain("аналитик");
  const kinds = await system.sql`select kind, state from amocrm_outbox order by id`;
  expect(kinds.map((row) => [row["kind"], row["state"]])).toEqual([
    ["lead.created", "delivered"],
    ["lead.updated", "delivered"],
  ]);
});

test("a further lead of the person becomes a note on the open deal", async () => {
  await leave(system, { full_name: "Мария", phone: "+7 700 111 22 33", source: "webinar-ai" });
  await system.delivered();
  expect(crm.contacts()).toHaveLength(1);
  expect(crm.deals()).toHaveLength(1);
  expect(crm.notes()[2]?.params.text).toContain("webinar-ai");
});

test("amocrm_health says ok and the admin's command would show nothing waiting", async () => {
  const [health] = await system.sql`select verdict, waiting_count::int, dead_count::int from amocrm_health`;
  expect(health).toEqual({ verdict: "ok", waiting_count: 0, dead_count: 0 });
});

test("with nothing due cron calls no function", async () => {
  await waitFor("the functions to be idle", () => system.stack.openCallCount() === 0);
  const before = system.stack.calls().length;
  for (let round = 0; round < 6; round++) {
    await system.stack.worker?.runJob("amocrm-tick");
    await system.stack.worker?.idle();
  }
  expect(system.stack.calls()).toHaveLength(before);
  const [queue] = await system.sql`select count(*)::int as count from net.http_request_queue`;
  expect(queue).toEqual({ count: 0 });
});

test("amocrm-drain is refused to everybody without a secret key", async () => {
  const url = `${system.stack.functionsUrl}/amocrm-drain`;
  const call = (headers: Record<string, string>) => fetch(url, { method: "POST", headers, body: "{}" });
  for (const headers of [
    {},
    { apikey: system.stack.publishableKey },
    { apikey: "sb_secret_wrong" },
    { authorization: `Bearer ${system.stack.anonKey}` },
  ]) {
    const answer = await call(headers);
    expect([401, 403]).toContain(answer.status);
    expect(await answer.text()).not.toContain(system.simulator.accessToken);
  }
  expect((await call({ apikey: system.stack.cronKey })).status).toBe(202);
  expect((await fetch(url, { headers: { apikey: system.stack.cronKey } })).status).toBe(405);
});

test("a visitor reaches nothing but the insert", async () => {
  const visitor = createClient(system.stack.url, system.stack.publishableKey, {
    auth: { persistSession: false },
  });
  for (const table of [
    "landing_leads",
    "unified_lead_tracking",
    "amocrm_outbox",
    "amocrm_settings",
    "amocrm_health",
  ]) {
    expect(await visitor.from(table).select()).toMatchObject({ status: 401, error: { code: "42501" } });
  }
  expect(await visitor.rpc("amocrm_pause", { p_reason: "x" })).toMatchObject({
    status: 401,
    error: { code: "42501" },
  });
  expect(
    await visitor.from("landing_leads").insert({ email: "a@b.example", created_at: "2020-01-01" }),
  ).toMatchObject({
    status: 401,
  });
});
