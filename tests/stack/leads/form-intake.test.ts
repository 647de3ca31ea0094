import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type System, startSystem } from "../support/system.ts";
import { truncate } from "../support/truncate.ts";

let system: System;
let key: string;
let sourceId: string;

beforeAll(async () => {
  system = await startSystem({ functionEnv: { AMOCRM_ENABLED: "false" } });
});
afterAll(() => system?.stop());
beforeEach(async () => {
  const { sql } = system;
  await truncate(
    sql,
    "landing_leads",
    "unified_lead_tracking",
    "amocrm.outbox",
    "amocrm.arrivals",
    "amocrm.inbox",
    "amocrm.inbox_counts",
  );
  const [added] = await sql<{ id: string; key: string }[]>`select * from form_source_add('tilda', 'landing')`;
  key = added?.key ?? "";
  sourceId = added?.id ?? "";
});

const FORM = "application/x-www-form-urlencoded";
const call = async (place: string, init: RequestInit = {}) => {
  const response = await fetch(`${system.stack.functionsUrl}/form-intake${place}`, {
    method: "POST",
    headers: { "content-type": FORM },
    ...init,
  });
  return { status: response.status, text: await response.text() };
};
const post = (body: BodyInit, headers: Record<string, string> = { "content-type": FORM }) =>
  call(`/${key}`, { body, headers });
const leads = () =>
  system.sql`select full_name, email, phone, source, utm_source from unified_lead_tracking order by phone`;
const kept = () => system.sql`select state, error from amocrm.inbox order by id`;

describe("over HTTP, in the platform's Deno", () => {
  test("Tilda's check of the address and its forms are answered with ok, and a form is a lead once", async () => {
    expect(await post("test=test")).toEqual({ status: 200, text: "ok" });
    expect(await kept()).toEqual([]);
    const cookies = encodeURIComponent(`TILDAUTM=${encodeURIComponent("utm_source=insta|||utm_term=x")}`);
    const form = `Name=${encodeURIComponent("Айгерим")}&Phone=%2B7+(701)+111-22-33&tranid=9:1&formid=f&COOKIES=${cookies}`;
    for (let time = 0; time < 3; time++) expect(await post(form)).toEqual({ status: 200, text: "ok" });
    expect(await leads()).toEqual([
      { full_name: "Айгерим", email: null, phone: "+77011112233", source: "landing", utm_source: "insta" },
    ]);
    expect(await system.sql`select kind from amocrm.outbox`).toEqual([{ kind: "lead.created" }]);
  });

  test("the key may come as a bearer; JSON and forms of several parts are read", async () => {
    const json = JSON.stringify({ ФИО: "A", "E-mail": "a@example.kz", phone: 77011112201 });
    const bearer = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    expect((await call("", { body: json, headers: bearer })).status).toBe(200);
    const parts = new FormData();
    parts.set("Телефон", "87011112202");
    parts.set("file", new File(["x"], "x.txt"));
    expect((await post(parts, {})).status).toBe(200);
    expect((await leads()).map(({ phone }) => phone)).toEqual(["+77011112201", "+77011112202"]);
  });

  test.each([
    ["no key", "", 401],
    ["a wrong key", "/0123456789abcdef", 401],
    ["a wrong bearer beside the right address is the header's word", "bearer", 401],
    ["a GET", "get", 405],
    ["2 MiB", "large", 413],
  ] as const)("is refused, and nothing is kept: %s", async (_, what, status) => {
    const body = "Phone=87011112233";
    const answer =
      what === "get"
        ? await call(`/${key}`, { method: "GET" })
        : what === "large"
          ? await post(`x=${"x".repeat(2 * 1024 * 1024)}`)
          : what === "bearer"
            ? await post(body, { authorization: "Bearer wrong", "content-type": FORM })
            : await call(what, { body });
    expect(answer.status).toBe(status);
    expect(await kept()).toEqual([]);
    expect(await leads()).toEqual([]);
  });

  test.each([
    ["garbage", Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256)],
    ["nothing", ""],
    ["NUL", "a=%00&\0=b"],
    ["percent sequences that are none", "a=%E0%A4%A&%zz=%&=&&&=="],
    ["10,000 fields", Array.from({ length: 10_000 }, (_, index) => `f${index}=x`).join("&")],
    ["deep JSON", `${'{"a":['.repeat(20_000)}${"]}".repeat(20_000)}`],
    ["broken JSON", '{"phone":"8701'],
  ])("is kept for a person and answered with ok: %s", async (_, body) => {
    expect(await post(body)).toEqual({ status: 200, text: "ok" });
    expect(await kept()).toMatchObject([{ state: "unreadable" }]);
    expect(await leads()).toEqual([]);
  });

  test("a form never seen before is a lead after the map, which the answer to its sender does not tell", async () => {
    expect(await post("q1=A&q2=87011112233&tranid=1")).toEqual({ status: 200, text: "ok" });
    expect(await leads()).toEqual([]);
    await system.sql`select form_source_remap(${sourceId}, '{"full_name": "q1", "phone": "q2"}')`;
    expect(await leads()).toMatchObject([{ full_name: "A", phone: "+77011112233" }]);
  });

  test("at the bound the sender is told to come again; while the store is down as well", async () => {
    await system.sql`update amocrm.inbox_sources set max_rows = 1 where source = 'forms'`;
    expect((await post("x=1")).status).toBe(200);
    expect(await post("x=2")).toMatchObject({ status: 429, text: '{"code":"inbox_full"}' });
    await system.sql`update amocrm.inbox_sources set max_rows = 10000 where source = 'forms'`;
    for (const name of ["form_intake(uuid, jsonb)", "form_source_of_key(text)"]) {
      await system.sql.unsafe(`revoke execute on function ${name} from service_role`);
      expect(await post("Phone=87011112233")).toMatchObject({ status: 503 });
      await system.sql.unsafe(`grant execute on function ${name} to service_role`);
    }
    expect((await post("Phone=87011112233")).status).toBe(200);
    expect(await leads()).toHaveLength(1);
  });

  test("neither the key nor what was posted is in the log of the function", async () => {
    await post("Phone=87015554433&Name=Secretname");
    const log = system.stack.functionLog();
    for (const text of [key, "87015554433", "Secretname", "77015554433"]) expect(log).not.toContain(text);
  });
});
