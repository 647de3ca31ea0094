import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { makeProject } from "./dev-stack-project.ts";

const project = makeProject();
afterAll(() => project.remove());

const clientOf = (stack: Stack, key: string): SupabaseClient =>
  createClient(stack.url, key, { auth: { persistSession: false, autoRefreshToken: false } });

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
    const sound = await fetch(`${stack.functionsUrl}/echo`, {
      method: "POST",
      headers: { apikey: stack.cronKey },
    });
    expect(sound.status).toBe(200);
  });

  it("runs an interval job one at a time, and keeps what became of each run", async () => {
    const runs = await waitFor("two runs of the job", async () => {
      const rows = await sql<{ start_time: Date; end_time: Date }[]>`select start_time, end_time
        from cron.job_run_details where command like '%pg_sleep%' and status = 'succeeded' order by runid`;
      return rows.length >= 2 && rows;
    });
    for (const [i, run] of runs.entries()) {
      const next = runs[i + 1];
      if (next) expect(next.start_time.getTime()).toBeGreaterThanOrEqual(run.end_time.getTime());
    }
    await stack.worker?.runJob("broken");
    const [failed] = await sql`select status, return_message from cron.job_run_details
        where jobid = (select jobid from cron.job where jobname = 'broken') order by runid desc limit 1`;
    expect(failed).toMatchObject({ status: "failed", return_message: "ERROR: division by zero" });
  });

  it("lets a cron job find nothing of what an earlier one has left in the session that both have", async () => {
    await sql`create table public.sessions (pid int)`;
    const jobs = {
      leaver: `insert into public.sessions select pg_backend_pid(); create temp table left_over ();
        set statement_timeout = '7s'; listen left_over; select pg_advisory_lock(7); set role anon`,
      finder: `insert into public.sessions select pg_backend_pid(); do $$ begin
        assert to_regclass('pg_temp.left_over') is null, 'a table';
        assert current_setting('statement_timeout') <> '7s', 'a setting';
        assert not exists (select from pg_listening_channels()), 'a channel';
        assert not exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()), 'a lock';
        assert current_user = session_user, 'a role';
      end $$`,
    };
    for (const [name, command] of Object.entries(jobs)) {
      await sql`select cron.schedule(${name}, '0 3 * * *', ${command})`;
      await stack.worker?.runJob(name);
    }
    const runs = await sql`select status, return_message from cron.job_run_details
      where command like 'insert into public.sessions%' order by runid`;
    expect([...runs]).toMatchObject([{ status: "succeeded" }, { status: "succeeded" }]);
    expect(await sql`select distinct pid from public.sessions`).toHaveLength(1);
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
