import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { openForms } from "../support/forms.ts";

const database = await useDatabase();
const { sql } = database;
const { service, add, post, leads, unmapped } = await openForms(database);
beforeEach(() => setTestClock(NOON, sql, service));

describe("whatever is posted", () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  test.each([
    ["a thousand fields too many", Array.from({ length: 10_000 }, (_, n) => `f${n}=${n}`).join("&")],
    ["one field ten thousand times", `Phone=87011112233&${"x=1&".repeat(10_000)}`],
    ["a long value", `Phone=87011112233&x=${"я".repeat(100_000)}`],
    ["NUL and half letters", "Phone=87011112233&a=%00&b%00=%ED%A0%80&%00"],
    ["percent sequences that are none", "Phone=87011112233&a=%E0%A4%A&b=%zz&c=%"],
    ["JSON as deep as one likes", `{"phone":"87011112233","x":${deep(5_000)}}`],
    ["a name that objects have", '{"phone":"87011112233","__proto__":{"a":1},"constructor":"x"}'],
    ["numbers that no double holds", '{"phone":87011112233,"n":1e400,"m":123456789012345678901234567890}'],
  ])("is kept: %s", async (_, body) => {
    const { key } = await add("generic");
    expect(await post(key, body)).toBe(200);
    const found = await leads();
    expect(found.length + (await unmapped()).length).toBe(1);
    if (body.includes("87011112233")) expect(found).toMatchObject([{ phone: "+77011112233" }]);
    for (const lead of found) expect(JSON.stringify(lead["metadata"]).length).toBeLessThan(17_000);
  });

  test("in several parts is read, with the names of files", async () => {
    const { key } = await add("generic");
    const form = new FormData();
    form.set("Имя", "Анна");
    form.set("Телефон", "87011112233");
    form.set("cv", new File(["secret"], "cv.pdf"));
    const encoded = new Response(form);
    const type = encoded.headers.get("content-type") ?? "";
    const body = await encoded.text();
    expect(await post(key, body, type)).toBe(200);
    expect(await leads()).toMatchObject([{ full_name: "Анна", metadata: { cv: "cv.pdf" } }]);
    expect(await post(key, body.slice(0, 90), type)).toBe(200);
    expect(await unmapped()).toMatchObject([{ reason: "no_form" }]);
  });
});

describe("a source of forms", () => {
  test("shows its key once: only the hash is kept", async () => {
    const { key } = await add("tilda");
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const [row] =
      await sql`select to_jsonb(form_keys)::text || to_jsonb(form_sources)::text as text from amocrm.form_keys, form_sources`;
    expect(row?.["text"]).not.toContain(key);
    const [actions] = await sql`select string_agg(to_jsonb(actions)::text, '') as text from amocrm.actions`;
    expect(actions?.["text"]).not.toContain(key);
  });

  test.each([
    ["whatsapp", "x", "{}", /must be tilda, taplink or generic/],
    ["tilda", " ", "{}", /p_source is missing/],
    ["tilda", "x", '{"fullname": "a"}', /field_map names fullname/],
    ["tilda", "x", '{"metadata.a.b": "a"}', /field_map names metadata.a.b/],
    ["tilda", "x", '{"email": 5}', /no name of a field for email/],
    ["tilda", "x", '{"email": " - "}', /no name of a field for email/],
    ["tilda", "x", "[]", /field_map is not an object/],
  ])("is refused in words: %s %s %s", async (kind, source, map, words) => {
    const error = await errorOf(service`select form_source_add(${kind}, ${source}, ${map}::text::jsonb)`);
    expect([error.code, error.message]).toEqual(["22023", expect.stringMatching(words)]);
  });

  test("that is mapped late has its forms read in steps, the rest by cron", async () => {
    const { id } = await add("tilda", "late");
    await sql`insert into amocrm.inbox (source, key, origin, state, body, ended_at, error)
      select 'forms', 'late ' || n, ${id}, 'unreadable', jsonb_build_object('fields', jsonb_build_object('q', 87010000000 + n)), ${NOON}, 'x'
      from generate_series(1, 600) as n`;
    await sql`update amocrm_form_limits set total_count = 10000, flood_count = 10000`;
    const [count] = await service`select form_source_remap(${id}, '{"phone": "q"}') as count`;
    expect(count).toEqual({ count: 500 });
    await sql`select amocrm.tend_forms()`;
    expect(await leads()).toHaveLength(600);
    expect(await unmapped()).toEqual([]);
  });

  test("whose forms fit no lead is a condition that concerns the admin, and so is a full inbox", async () => {
    const codes = () =>
      sql`select code, detail from amocrm.alert_conditions() where code in ('inbox_full', 'forms_unmapped')`;
    const { key } = await add("tilda");
    await post(key, "Phone=87011112233&tranid=1");
    expect(await codes()).toEqual([]);
    await post(key, "x=1&tranid=2");
    const detail = "1 posted form fits no lead, since nobody has said yet which field is which";
    expect(await codes()).toEqual([{ code: "forms_unmapped", detail }]);
    await sql`update amocrm.inbox_sources set max_rows = 1 where source = 'forms'`;
    const full = await codes();
    await sql`update amocrm.inbox_sources set max_rows = 10000 where source = 'forms'`;
    expect(full[0]?.["detail"]).toBe("The inbox of forms is full: its senders are answered with 429");
  });

  test("is listed with what came of its forms", async () => {
    const { id, key } = await add("tilda", "one");
    await add("taplink", "two");
    await post(key, "Phone=87011112233&tranid=1");
    await post(key, "x=1&tranid=2");
    const [row] = await service`select form_source_list() as list`;
    expect(row?.["list"]).toMatchObject([
      { id, kind: "tilda", source: "one", is_on: true, form_count: 2, waiting_count: 0, unmapped_count: 1 },
      { kind: "taplink", source: "two", form_count: 0, unmapped_count: 0, last_form_at: null },
    ]);
  });
});
