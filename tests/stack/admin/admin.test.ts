import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { SetupAnswer } from "#shared/admin/answer.ts";
import { callCpuMaxMs } from "../support/cpu.ts";
import { type AdminCall, type AdminProject, startAdminProject } from "./admin-project.ts";

const { sales, tripwire } = SEED_IDS;
/** A timer may strike a little before its hour. */
const TIMER_SLACK_MS = 5;
let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());
beforeEach(() => project.reset());

async function setUp(order: object) {
  const { status, answer } = await project.call({
    headers: { apikey: project.stack.secretKey },
    body: JSON.stringify({ action: "setup", ...order }),
  });
  expect(status).toBe(200);
  const { ok, steps } = SetupAnswer.parse(answer);
  return { ok, steps: Object.fromEntries(steps.map(({ step, ...rest }) => [step, rest])) };
}

const forgedToken = (claims: object): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part({ sub: "a", role: "authenticated", ...claims })}.`;
};
const admin = { app_metadata: { role: "admin" } };

describe("amocrm-admin, whom it lets in", () => {
  it.each<[string, () => Record<string, string>, number, string]>([
    ["no key", () => ({}), 401, "MISSING_CREDENTIALS"],
    ["the publishable key", () => ({ apikey: project.stack.publishableKey }), 401, "INVALID_JWT"],
    ["the old anon key", () => ({ apikey: project.stack.anonKey }), 401, "INVALID_JWT"],
    ["the old service_role key", () => ({ apikey: project.stack.serviceRoleKey }), 401, "INVALID_JWT"],
    ["a key of nobody", () => ({ apikey: "sb_secret_of_nobody" }), 401, "INVALID_API_KEY"],
    ["a forged admin token", () => ({ authorization: `Bearer ${forgedToken(admin)}` }), 401, "INVALID_JWT"],
  ])("refuses %s with 401", async (_, headers, status, code) => {
    expect(await project.call({ headers: headers() })).toMatchObject({ status, answer: { code } });
  });

  it.each([
    ["a student", {}],
    ["a sales manager", { app_metadata: { role: "sales_manager" } }],
    [
      "a student who named himself admin",
      { user_metadata: { role: "admin", app_metadata: { role: "admin" } } },
    ],
  ])("refuses %s with 403", async (_, metadata) => {
    const token = await project.signIn(metadata);
    for (const key of [{}, { apikey: project.stack.publishableKey }]) {
      const headers = { authorization: `Bearer ${token}`, ...key };
      expect(await project.call({ headers })).toMatchObject({ status: 403, answer: { code: "not_admin" } });
    }
  });

  it("lets a signed-in admin and any secret key in", async () => {
    const token = await project.signIn(admin);
    const apikey = project.stack.publishableKey;
    expect((await project.call({ headers: { authorization: `Bearer ${token}`, apikey } })).status).toBe(200);
    expect((await project.call({ headers: { apikey: project.stack.secretKey } })).status).toBe(200);
    expect((await project.call({ headers: { apikey: project.stack.cronKey } })).status).toBe(200);
  });

  it.each<[string, AdminCall, number, string]>([
    ["GET", { method: "GET" }, 405, "method_not_allowed"],
    ["DELETE", { method: "DELETE" }, 405, "method_not_allowed"],
    ["a body that is no JSON", { body: "{" }, 400, "invalid_json"],
    ["no body", { body: "" }, 400, "invalid_json"],
    ["an unknown action", { body: '{"action":"drop"}' }, 400, "invalid_request"],
    [
      "a body that is too large",
      { body: `{"action":"status","x":"${"x".repeat(65_536)}"}` },
      413,
      "body_too_large",
    ],
  ])("refuses %s with a named error", async (_, request, status, code) => {
    const headers = { apikey: project.stack.secretKey };
    expect(await project.call({ ...request, headers })).toMatchObject({ status, answer: { code } });
  });
});

describe("amocrm-admin setup", () => {
  it("writes a configuration with which a lead arrives as it says", async () => {
    const { ok, steps } = await setUp({
      routes: [{ source: "*", pipeline_id: sales.pipeline, status_id: sales.qualified, tags: ["site"] }],
      stages: [{ event: "student.created", pipeline_id: tripwire.pipeline, status_id: tripwire.bought }],
      marker: true,
      utm: true,
      vault: { functionsUrl: project.stack.functionsUrl, cronKey: project.stack.cronKey },
    });
    expect(ok).toBe(true);
    expect(steps).toMatchObject({
      "route *": { outcome: "done" },
      marker: { outcome: "done" },
      utm: { outcome: "done" },
    });

    const anon = createClient(project.stack.url, project.stack.publishableKey, {
      auth: { persistSession: false },
    });
    const lead = { full_name: "Ada", email: "ada@example.com", source: "site", utm_source: "vk" };
    expect((await anon.from("landing_leads").insert(lead)).error).toBeNull();
    // Delivered, not only sent: the next test empties the account.
    const row = await waitFor("the lead's delivery", async () => {
      const synced = project.sql<{ id: string }[]>`
        select id from public.unified_lead_tracking where amocrm_synced_at is not null`;
      return (await synced)[0];
    });
    const deal = project.crm.simulator.state.deals()[0];
    expect(deal).toMatchObject({ pipeline_id: sales.pipeline, status_id: sales.qualified });
    expect(JSON.stringify(deal)).toContain(row.id);
    expect(JSON.stringify(deal)).toContain('"vk"');
  });

  it("uses the same defaults for a route as the table", async () => {
    await setUp({ routes: [{ source: "named" }] });
    await project.sql`insert into public.amocrm_routes (source) values ('bare')`;
    const rows = await project.sql`select * from public.amocrm_routes order by source`;
    const [bare, named] = rows.map(({ source: _source, updated_at: _at, ...columns }) => columns);
    expect(named).toEqual(bare);
  });

  it("does nothing the second time", async () => {
    const order = { routes: [{ source: "*", pipeline_id: sales.pipeline }], marker: true, utm: true };
    await setUp(order);
    const fieldsBefore = structuredClone(project.crm.simulator.state.part("fields"));
    const before = await project.sql`select * from public.amocrm_fields order by path`;
    const { ok, steps } = await setUp(order);
    expect(ok).toBe(true);
    expect(steps).toMatchObject({
      "route *": { outcome: "unchanged" },
      marker: { outcome: "unchanged" },
      utm: { outcome: "unchanged" },
    });
    expect(await project.sql`select * from public.amocrm_fields order by path`).toEqual(before);
    expect(project.crm.simulator.state.part("fields")).toEqual(fieldsBefore);
  });

  it("makes one marker field when two setups run at once", async () => {
    const both = await Promise.all([setUp({ marker: true }), setUp({ marker: true })]);
    expect(both.map(({ steps }) => steps["marker"]?.outcome)).toEqual(["done", "done"]);
    const fields = project.crm.simulator.state.part("fields") as { code: string | null }[];
    expect(fields.filter(({ code }) => code === "SUPABASE_LEAD_ID")).toHaveLength(1);
    expect((await setUp({ marker: true })).steps["marker"]?.outcome).toBe("unchanged");
  });

  it("keeps to the account's pace", async () => {
    const minIntervalMs = 300;
    const slotMs = async (): Promise<number> => {
      const [control] = await project.sql`select extract(epoch from last_slot_at)::float8 * 1000 as ms
        from amocrm.queue_control where queue = 'amocrm'`;
      return control?.["ms"];
    };
    const firstSlotMs = await slotMs();
    const after = project.crm.simulator.log.entries().at(-1)?.id ?? 0;
    await setUp({
      settings: { min_interval_ms: minIntervalMs },
      routes: [{ source: "*" }],
      marker: true,
      utm: true,
    });
    const times = project.crm.simulator.log.entries(after).map(({ received_at_ms }) => received_at_ms);
    expect(times.length).toBeGreaterThanOrEqual(3);
    // Each request took a slot of its own, and the last one kept to its: how long a request is under way nobody knows.
    const lastSlotMs = await slotMs();
    expect(lastSlotMs - firstSlotMs).toBeGreaterThanOrEqual(minIntervalMs * times.length);
    expect(times.at(-1)).toBeGreaterThanOrEqual(lastSlotMs - TIMER_SLACK_MS);
  });

  it("says that sending is paused and writes the rows unverified", async () => {
    await project.sql`select amocrm_pause('moving')`;
    const { ok, steps } = await setUp({ routes: [{ source: "*", pipeline_id: 77 }] });
    expect(ok).toBe(true);
    expect(steps["route *"]).toMatchObject({
      outcome: "warning",
      detail: expect.stringContaining("Sending is paused: moving"),
    });
    const rows = await project.sql`select pipeline_id::int from public.amocrm_routes`;
    expect(rows).toEqual([{ pipeline_id: 77 }]);
  });
});

describe("a whole run of calls", () => {
  it("leaves no secret in answers and log", () => {
    expect(project.seen.length).toBeGreaterThan(25);
    expect(project.leakedSecrets()).toEqual([]);
  });

  it("costs less CPU in its largest call than a call may take", () => {
    const calls = project.stack.calls().filter(({ name, alone }) => name === "amocrm-admin" && alone);
    const largestMs = Math.max(...calls.map(({ cpuMs }) => cpuMs));
    const maxMs = callCpuMaxMs();
    console.log(`CPU of the largest of ${calls.length} calls: ${Math.round(largestMs)} of ${maxMs} ms`);
    expect(largestMs).toBeLessThan(maxMs);
  });
});
