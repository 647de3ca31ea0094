import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPool } from "#dev/stack/data-api/connection-pool.ts";
import { createDataApi } from "#dev/stack/data-api/handler.ts";
import { useDatabase } from "../support/database.ts";

/** What PostgREST answers to requests that no supabase-js makes: a page that is rehearsed here must not fail on hosted. */
const database = await useDatabase();
const { sql } = database;
const pool = createPool(database.url("authenticator"), 1);
afterAll(() => pool.close());
const api = createDataApi({ pool, schemas: ["public"], extraSearchPath: [], maxRows: 1000 });

interface Answer {
  status: number;
  code: string | undefined;
  body: unknown;
  range: string | null;
}

async function ask(
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
  role = "service_role",
): Promise<Answer> {
  const request = new Request(`http://data-api.local${path}`, init);
  const response = await api(request, new URL(request.url).pathname, { role });
  const text = await response.text();
  const body = text === "" ? null : JSON.parse(text);
  return { status: response.status, code: body?.code, body, range: response.headers.get("content-range") };
}

beforeAll(async () => {
  await sql.unsafe(`
    create table public.shelves (id int primary key generated always as identity, name text, count int);
    grant all on public.shelves to service_role;
    create function public.count_shelves(p_name text default null) returns int language sql as
      'select count(*)::int from public.shelves where name = coalesce(p_name, name)'`);
});
beforeEach(() =>
  sql.unsafe(
    "truncate public.shelves restart identity; insert into public.shelves (name) values ('a'), ('b'), ('c')",
  ),
);

describe("a lead", () => {
  const JSON_LEAD = '{"full_name":"Ada","email":"ada@example.com"}';
  const FORM = "application/x-www-form-urlencoded";
  it.each([
    ["JSON as JSON", "application/json", JSON_LEAD, 201, undefined],
    ["JSON with a charset", "application/json; charset=utf-8", JSON_LEAD, 201, undefined],
    [
      "JSON as text, as sendBeacon and a fetch without the header send it",
      "text/plain;charset=UTF-8",
      JSON_LEAD,
      400,
      "PGRST102",
    ],
    ["JSON as a form, as curl -d sends it", FORM, JSON_LEAD, 400, "PGRST204"],
    ["a form", FORM, "full_name=Ada+L&email=ada%40example.com", 201, undefined],
    ["nothing", "application/json", "", 400, "PGRST102"],
    ["a multipart form", "multipart/form-data; boundary=x", "--x--", 400, "PGRST102"],
  ])("is %s", async (_name, type, body, status, code) => {
    const answer = await ask(
      "/landing_leads",
      { method: "POST", headers: { "content-type": type }, body },
      "anon",
    );
    expect(answer).toMatchObject({ status, code });
    const leads = await sql`select email from landing_leads`;
    expect([...leads]).toEqual(status === 201 ? [{ email: "ada@example.com" }] : []);
  });
});

describe("a function", () => {
  it("is called without a body, by a form, and not by text", async () => {
    expect(await ask("/rpc/count_shelves", { method: "POST" })).toMatchObject({ status: 200, body: 3 });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect(await ask("/rpc/count_shelves", { method: "POST", headers, body: "p_name=a" })).toMatchObject({
      body: 1,
    });
    const text = await ask("/rpc/count_shelves", {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "a",
    });
    expect(text).toMatchObject({ status: 501, code: "LOCAL" });
  });
});

describe("what would be answered as if it had not been asked", () => {
  it.each([
    ["text/csv", 501, "LOCAL"],
    ["application/vnd.pgrst.object+json;nulls=stripped", 501, "LOCAL"],
    ["application/vnd.pgrst.plan+text", 406, "PGRST107"],
    ["text/html", 406, "PGRST107"],
  ])("is refused: Accept: %s", async (accept, status, code) => {
    expect(await ask("/shelves", { headers: { accept } })).toMatchObject({ status, code });
  });

  it.each([
    "*/*",
    "application/json",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "text/csv;q=0.1, application/json",
  ])("and what is not is not: Accept: %s", async (accept) => {
    expect(await ask("/shelves", { headers: { accept } })).toMatchObject({ status: 200 });
  });

  it.each([
    "handling=strict, max-affected=1",
    "tx=rollback",
    "missing=default",
    "count=estimated",
    "timezone=Asia/Almaty",
  ])("is refused: Prefer: %s", async (prefer) => {
    const init = { method: "PATCH", headers: { prefer }, body: '{"count": 1}' };
    expect(await ask("/shelves?id=gt.0", init)).toMatchObject({ status: 501, code: "LOCAL" });
    expect([...(await sql`select count(*) as n from shelves where count = 1`)]).toEqual([{ n: 0 }]);
  });

  it.each(["count()", "count.sum()", "n:count.max()"])("is refused: select=%s", async (select) => {
    expect(await ask(`/shelves?select=${select}`)).toMatchObject({ status: 400, code: "PGRST123" });
  });

  it("is refused: a Range header", async () => {
    expect(await ask("/shelves", { headers: { range: "0-1" } })).toMatchObject({
      status: 501,
      code: "LOCAL",
    });
  });
});

describe("a page with a count", () => {
  const page = (query: string) => ask(`/shelves?order=id&${query}`, { headers: { prefer: "count=exact" } });
  it("is partial unless it holds all rows", async () => {
    expect(await page("limit=2")).toMatchObject({ status: 206, range: "0-1/3" });
    expect(await page("limit=9&offset=2")).toMatchObject({ status: 206, range: "2-2/3" });
    expect(await page("limit=9")).toMatchObject({ status: 200, range: "0-2/3" });
  });

  it("is refused behind the end", async () => {
    expect(await page("offset=4")).toMatchObject({ status: 416, code: "PGRST103" });
  });
});

describe("a database that is read-only unless asked otherwise", () => {
  it("is read, and written by transactions that say so at their beginning, as PostgREST's do", async () => {
    const [name] = await sql`select current_database() as name`;
    const admin = database.connect({ user: "supabase_admin" });
    await admin.unsafe(`alter database ${name?.["name"]} set default_transaction_read_only = on`);
    await admin`select pg_terminate_backend(pid) from pg_stat_activity
      where usename = 'authenticator' and datname = current_database()`;
    try {
      expect(await ask("/shelves?id=eq.1")).toMatchObject({ status: 200, body: [{ id: 1, name: "a" }] });
      const init = { method: "PATCH", headers: { "content-type": "application/json" }, body: '{"count": 7}' };
      expect(await ask("/shelves?id=eq.1", init)).toMatchObject({ status: 204 });
      expect(await ask("/rpc/count_shelves", { method: "GET" })).toMatchObject({ status: 200, body: 3 });
    } finally {
      await admin.unsafe(`alter database ${name?.["name"]} reset default_transaction_read_only`);
    }
  });
});
