import { spawn } from "node:child_process";
import path from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processExists } from "../../dev/stack/postgres/process-exists.ts";
import { startPostgres } from "../../dev/stack/postgres.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import { waitFor } from "../../dev/stack/wait.ts";
import { makeProject } from "./dev-stack-project.ts";

const STACK_MODULE = path.join(import.meta.dirname, "../../dev/stack/stack.ts");
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
    const [row] = await sql<{ version: string }[]>`show server_version`.then((rows) =>
      rows.map((r) => ({ version: String(Object.values(r)[0]) })),
    );
    expect(row?.version).toMatch(new RegExp(`^${major}\\.`));
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

  it("takes 1,000 rows of anon in one request, far within the 3 s that anon has", async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ email: `p${i}@example.com`, extra: { i } }));
    const startedMs = performance.now();
    expect(await anon.from("leads").insert(rows)).toMatchObject({ status: 201, error: null });
    expect(performance.now() - startedMs).toBeLessThan(1500);
    const { count } = await service.from("leads").select("*", { count: "exact", head: true });
    expect(count).toBeGreaterThanOrEqual(1000);
  });

  it.each([
    ["a violated check", { email: "no at sign" }, 400, "23514"],
    ["a NUL in a text", { email: "a@b", note: "x\u0000y" }, 400, "22P05"],
    ["a lone surrogate", { email: "a@b", note: "x\ud800y" }, 400, "22P02"],
    ["an unknown column", { email: "a@b", nope: 1 }, 400, "PGRST204"],
    ["a missing value", { note: "x" }, 400, "23502"],
  ])("answers %s with its status and code", async (_, row, status, code) => {
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
    await callEcho(stack, "burn, later");
    const call = await waitFor("a call with CPU time", () => stack.calls().find((c) => c.cpuMs > 100));
    expect(call).toMatchObject({ name: "echo", status: 200, alone: true });
    expect(call.cpuMs).toBeLessThan(1000);
    expect(call.wallMs).toBeGreaterThan(200);
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
    await waitFor("the functions", async () => (await callEcho(stack, "")).status === 200, {
      timeoutMs: 2000,
    });
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

describe("the Data API with supabase-js", () => {
  let stack: Stack;
  let service: SupabaseClient;
  let sql: postgres.Sql;
  beforeAll(async () => {
    stack = await startStack({ root: project.root });
    service = clientOf(stack, stack.secretKey);
    sql = postgres(stack.dbUrl("supabase_admin"), { max: 1, onnotice: () => {} });
  });
  afterAll(async () => {
    await sql?.end();
    await stack?.stop();
  });

  it("inserts, upserts, filters, orders and pages", async () => {
    const rows = [
      { email: "b@x", tags: ["t1", "t2"] },
      { email: "a@x", tags: null },
      { email: "c@y", tags: [] },
    ];
    expect(await service.from("leads").insert(rows).select("email")).toMatchObject({
      status: 201,
      data: { length: 3 },
    });
    const found = await service
      .from("leads")
      .select("mail:email")
      .like("email", "%@x")
      .order("email")
      .limit(1);
    expect(found.data).toEqual([{ mail: "a@x" }]);
    const either = service.from("leads").select("email").or("email.eq.c@y,tags.cs.{t1}");
    expect((await either.order("email")).data).toEqual([{ email: "b@x" }, { email: "c@y" }]);
    const one = await service.from("leads").select("email").eq("email", "nobody").single();
    expect(one).toMatchObject({ status: 406, error: { code: "PGRST116" } });

    await service.from("settings").upsert([{ key: "k", value: 1 }]);
    await service.from("settings").upsert([{ key: "k", value: { deep: [2] } }]);
    expect((await service.from("settings").select()).data).toEqual([{ key: "k", value: { deep: [2] } }]);
    const twice = await service.from("settings").insert({ key: "k", value: 3 });
    expect(twice).toMatchObject({ status: 409, error: { code: "23505" } });
  });

  it("fills columns that only some rows have with null", async () => {
    const rows = [{ email: "p@q", note: "n" }, { email: "r@s" }];
    const { data } = await service.from("leads").insert(rows).select("email,note");
    expect(data).toEqual([
      { email: "p@q", note: "n" },
      { email: "r@s", note: null },
    ]);
  });

  it("keeps the digits of numbers that JavaScript would round", async () => {
    const headers = {
      apikey: stack.secretKey,
      "content-type": "application/json",
      prefer: "return=representation",
    };
    const body = '{"key": "big", "value": 12345678901234567890}';
    const response = await fetch(`${stack.url}/rest/v1/settings`, { method: "POST", headers, body });
    expect(await response.text()).toContain("12345678901234567890");
  });

  it("calls functions with json and array arguments and every form of result", async () => {
    const typed = await service.rpc("typed", { p_text: "x", p_json: [{ a: null }], p_tags: ["u", "v"] });
    expect(typed.data).toEqual({ text: "x", json: [{ a: null }], tags: ["u", "v"] });
    const read = await service.rpc("typed", { p_text: "x", p_json: "{}", p_tags: ["u"] }, { get: true });
    expect(read.data).toEqual({ text: "x", json: {}, tags: ["u"] });
    const pairs = await service.rpc("pairs", { p_count: 3 }).gt("n", 1).order("n", { ascending: false });
    expect(pairs.data).toEqual([
      { n: 3, square: 9 },
      { n: 2, square: 4 },
    ]);
    expect((await service.rpc("all_leads").select("email").limit(1)).data).toHaveLength(1);
    expect((await service.rpc("total")).data).toBeGreaterThan(0);
    expect(await service.rpc("nothing")).toMatchObject({ status: 204, error: null });
  });

  it("ends a call that exceeds the role's statement_timeout with 500 and 57014", async () => {
    await sql`alter role anon set statement_timeout = '100ms'`;
    const answer = await clientOf(stack, stack.publishableKey).rpc("nap", { p_seconds: 5 });
    await sql`alter role anon set statement_timeout = '3s'`;
    expect(answer).toMatchObject({ status: 500, error: { code: "57014" } });
  });

  it("gives a function that does not load BOOT_ERROR, alone", async () => {
    const response = await fetch(`${stack.functionsUrl}/broken`, { method: "POST" });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "BOOT_ERROR" });
    expect(stack.functionLog()).toContain("cannot load");
    expect((await callEcho(stack, "")).status).toBe(200);
  });

  it("runs an interval job one at a time, and keeps what became of each run", async () => {
    const runs = await waitFor("three runs of the job", async () => {
      const rows = await sql<{ start_time: Date; end_time: Date }[]>`select start_time, end_time
        from cron.job_run_details where command like '%pg_sleep%' and status = 'succeeded' order by runid`;
      return rows.length >= 3 && rows;
    });
    for (const [i, run] of runs.entries()) {
      const next = runs[i + 1];
      if (next) expect(next.start_time.getTime()).toBeGreaterThanOrEqual(run.end_time.getTime());
    }
    await stack.worker?.runJob("broken");
    const [failed] =
      await sql`select status, return_message from cron.job_run_details order by runid desc limit 1`;
    expect(failed).toMatchObject({ status: "failed", return_message: "ERROR: division by zero" });
  });

  it("writes a timeout and a refused connection into net._http_response", async () => {
    const [slow] = await sql`select net.http_post(${`${stack.url}/rest/v1/rpc/nap?apikey=${stack.secretKey}`},
      '{"p_seconds": 2}', timeout_milliseconds := 100) as id`;
    const [refused] = await sql`select net.http_get('http://127.0.0.1:2/') as id`;
    await stack.worker?.idle();
    const rows = await sql`select id, timed_out, status_code, error_msg from net._http_response
      where id in (${slow?.["id"]}, ${refused?.["id"]}) order by id`;
    expect(rows[0]).toMatchObject({ timed_out: true, status_code: null });
    expect(rows[1]).toMatchObject({ timed_out: false, error_msg: "Couldn't connect to server" });
  });
});

describe("processes", () => {
  it("leave nothing behind when the parent is killed with -9", async () => {
    const program = `const { startStack } = await import(${JSON.stringify(STACK_MODULE)});
      const stack = await startStack({ root: ${JSON.stringify(project.root)} });
      console.log(JSON.stringify(stack.pids));`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = await new Promise<string>((resolve) =>
      parent.stdout.once("data", (d) => resolve(String(d))),
    );
    const pids = Object.values(JSON.parse(output) as Record<string, number>);
    expect(pids.map(processExists)).toEqual([true, true]);
    parent.kill("SIGKILL");
    await waitFor("the end of Postgres and Deno", () => !pids.some(processExists), { timeoutMs: 5000 });
  });

  it("of first starts at the same time do not collide", async () => {
    const servers = await Promise.all(
      [17, 15, 17].map((major) => startPostgres({ major: major === 15 ? 15 : 17 })),
    );
    expect(new Set(servers.map((server) => server.port)).size).toBe(3);
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("of Postgres come back after a kill -9, with the data and on the same port", async () => {
    let restartedPid = 0;
    const server = await startPostgres({ onRestart: (pid) => (restartedPid = pid) });
    const sql = postgres(server.url(), { max: 1, onnotice: () => {}, backoff: () => 0.05 });
    await sql`create table public.kept as select 42 as answer`;
    process.kill(server.pid, "SIGKILL");
    await waitFor("the restart", () => restartedPid > 0);
    const rows = await waitFor("the data", () => sql`select answer from public.kept`);
    expect(rows[0]).toEqual({ answer: 42 });
    await sql.end();
    await server.stop();
  });

  it("copy a database with the stand-in extensions and another one's owner", async () => {
    const server = await startPostgres();
    const admin = postgres(server.url("supabase_admin", "template1"), { max: 1, onnotice: () => {} });
    await admin.unsafe("create database copy template postgres owner postgres");
    await admin.end();
    const sql = postgres(server.url("postgres", "copy"), { max: 1, onnotice: () => {} });
    await sql.unsafe("create schema own; create extension pg_net with schema extensions");
    const rows = await sql`select net.http_get('http://127.0.0.1:2/') as id`;
    expect(rows).toHaveLength(1);
    await sql.end();
    await server.stop();
  });
});
