import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { callCpuMaxMs } from "../support/cpu.ts";
import { makeProject } from "./dev-stack-project.ts";

const project = makeProject();
afterAll(() => project.remove());

const clientOf = (stack: Stack, key: string): SupabaseClient =>
  createClient(stack.url, key, { auth: { persistSession: false, autoRefreshToken: false } });
const callEcho = (stack: Stack, body: string): Promise<Response> =>
  fetch(`${stack.functionsUrl}/echo`, { method: "POST", body, headers: { apikey: stack.cronKey } });

describe.each([17, 15] as const)("the stack on Postgres %i", (major) => {
  let stack: Stack;
  let anon: SupabaseClient;
  let service: SupabaseClient;
  let sql: postgres.Sql;
  const restarted: string[] = [];
  beforeAll(async () => {
    process.env["AMOCRM_ACCESS_TOKEN"] = "of the shell";
    stack = await startStack({
      root: project.root,
      major,
      functionEnv: { AMOCRM_ENABLED: "true" },
      onRestart: (part) => restarted.push(part),
    });
    anon = clientOf(stack, stack.publishableKey);
    service = clientOf(stack, stack.secretKey);
    sql = postgres(stack.dbUrl("supabase_admin"), { max: 1, onnotice: () => {} });
  });
  afterAll(async () => {
    delete process.env["AMOCRM_ACCESS_TOKEN"];
    await sql?.end();
    await stack?.stop();
  });

  it("runs the wished Postgres", async () => {
    const [row] = await sql`select current_setting('server_version') as version`;
    expect(row?.["version"]).toMatch(new RegExp(`^${major}\\.`));
  });

  it("carries an anonymous insert through the trigger and pg_net into the Deno function", async () => {
    const before = stack.calls().length;
    expect(await anon.from("leads").insert({ email: "ada@example.com" })).toMatchObject({ status: 201 });
    const call = await waitFor("the function's call", () => stack.calls()[before]);
    expect(call).toMatchObject({ name: "echo", status: 200 });
    const response = await waitFor("the response in the database", async () => {
      const rows = await sql`select status_code, content from net._http_response order by id desc limit 1`;
      return rows[0];
    });
    expect(response["status_code"]).toBe(200);
    expect(response["content"]).toContain("trigger");
  });

  it("sends nothing for an insert that was rolled back", async () => {
    const before = stack.calls().length;
    await sql.unsafe("begin; insert into public.leads (email) values ('x@example.com'); rollback");
    await stack.worker?.idle();
    expect(stack.calls().length).toBe(before);
  });

  it("lets anon do nothing but insert", async () => {
    const denied = { status: 401, error: { code: "42501" } };
    expect(await anon.from("leads").select()).toMatchObject(denied);
    expect(await anon.from("settings").select()).toMatchObject(denied);
    expect(await anon.from("leads").update({ note: "x" }).eq("id", 1)).toMatchObject(denied);
    expect(await anon.from("leads").delete().eq("id", 1)).toMatchObject(denied);
    expect(await anon.from("leads").insert({ email: "a@b" }).select()).toMatchObject(denied);
    const { data } = await clientOf(stack, "sb_secret_of_nobody").from("leads").select();
    expect(data).toBeNull();
  });

  it("takes 1,000 rows of anon in one request, within the 3 s after which anon's statement would be ended", async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ email: `p${i}@example.com`, extra: { i } }));
    expect(await anon.from("leads").insert(rows)).toMatchObject({ status: 201, error: null });
    const { count } = await service.from("leads").select("*", { count: "exact", head: true });
    expect(count).toBeGreaterThanOrEqual(1000);
  });

  it.each([
    ["a violated check", { email: "no at sign" }, 400, "23514"],
    ["a NUL in a text", { email: "a@b", note: "x\u0000y" }, 400, "22P05"],
    ["a lone surrogate", { email: "a@b", note: "x\ud800y" }, 400, "22P02"],
    ["an unknown column", { email: "a@b", nope: 1 }, 400, "PGRST204"],
    ["a missing value", { note: "x" }, 400, "23502"],
  ])("answers %s with its status and code", async (_, row: object, status, code) => {
    expect(await anon.from("leads").insert(row)).toMatchObject({ status, error: { code } });
  });

  it("answers faults of functions with their status and code", async () => {
    expect(await anon.rpc("refuse")).toMatchObject({
      status: 400,
      error: { code: "P0001", hint: "tomorrow" },
    });
    expect(await anon.rpc("absent")).toMatchObject({ status: 404, error: { code: "PGRST202" } });
  });

  it("measures the CPU of a call up to the end of its background work", async () => {
    await stack.worker?.idle();
    const before = stack.calls().length;
    await callEcho(stack, "burn, later");
    const call = await waitFor("the call's record", () => stack.calls()[before]);
    expect(call).toMatchObject({ name: "echo", status: 200, alone: true });
    expect(call.cpuMs).toBeGreaterThan(100);
    expect(call.cpuMs).toBeLessThan(callCpuMaxMs());
    expect(call.wallMs).toBeGreaterThan(160);
    expect(stack.functionLog()).toContain("late fault");
  });

  it("keeps the shell's variables and the outside world away from functions", async () => {
    const answer = (await (await callEcho(stack, "outside")).json()) as { outside: string; names: string[] };
    expect(answer.outside).toMatch(/NotCapable|PermissionDenied/);
    expect(answer.names).toContain("AMOCRM_ENABLED");
    expect(answer.names).not.toContain("AMOCRM_ACCESS_TOKEN");
  });

  it("starts the functions again after a kill -9, and answers BOOT_ERROR in between", async () => {
    const killed = stack.pids.functions ?? 0;
    process.kill(killed, "SIGKILL");
    await waitFor("BOOT_ERROR", async () => (await callEcho(stack, "")).status === 503, { intervalMs: 1 });
    await waitFor("the functions", async () => (await callEcho(stack, "")).status === 200);
    expect(stack.pids.functions).not.toBe(killed);
    expect(restarted).toContain("functions");
  });

  it("goes on after the database has dropped every connection", async () => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and backend_type = 'client backend'`;
    const insert = async (): Promise<boolean> =>
      (await anon.from("leads").insert({ email: "c@d" })).error === null;
    const before = stack.calls().length;
    await waitFor("an insert", insert);
    await waitFor("the call of that insert", () => stack.calls().length > before);
  });
});
