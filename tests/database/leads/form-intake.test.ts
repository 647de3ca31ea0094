import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openForms } from "../support/forms.ts";

const database = await useDatabase();
const { sql } = database;
const { service, add, post, leads, kept, unmapped } = await openForms(database);
beforeEach(() => setTestClock(NOON, sql, service));

describe("three forms whose authors named the fields differently", () => {
  test.each([
    ["tilda", "Name=Анна&Email=ann%40example.kz&Phone=%2B7+701+111-22-33&tranid=1:2&formid=f1&Course=SQL"],
    ["tilda", "Имя=Анна&E-mail=Ann@Example.KZ&Ваш+телефон=8(701)1112233&tranid=1:3&formid=f2&Course=SQL"],
    ["generic", { ФИО: "Анна", "Электронная почта": "ann@example.kz", TEL: "87011112233", Course: "SQL" }],
    [
      "taplink",
      {
        lead_id: 5,
        records: [{ title: "Телефон:", value: "+77011112233" }],
        name: "Анна",
        email: "ann@example.kz",
        Course: "SQL",
      },
    ],
    [
      "generic",
      { data: { "Аты-жөні": "Анна", Пошта: "ann@example.kz", "Ұялы телефон": "77011112233", Course: "SQL" } },
    ],
  ])("reach the right columns: %s %j", async (kind, body) => {
    const { key } = await add(kind);
    expect(await post(key, body)).toBe(200);
    expect(await leads()).toMatchObject([
      {
        full_name: "Анна",
        email: "ann@example.kz",
        phone: "+77011112233",
        source: "landing",
        metadata: { Course: "SQL" },
      },
    ]);
    expect(await kept()).toEqual([{ state: "worked", body: null, error: null }]);
    expect(await sql`select kind from amocrm.outbox`).toEqual([{ kind: "lead.created" }]);
  });

  test("may be mapped by hand: columns, metadata, and a checkbox as consent at the time of receipt", async () => {
    const { key } = await add("tilda", "own", {
      full_name: "Input_1",
      phone: "Input 2",
      "metadata.course": "Selectbox",
      consent_at: "Checkbox",
    });
    const answers = ["yes", "on", "TRUE", "1", "Да", "no", ""];
    for (const [index, said] of answers.entries()) {
      await post(
        key,
        `Input_1=N${index}&Input_2=870111122${10 + index}&Selectbox=SQL&Checkbox=${said}&tranid=${index}`,
      );
    }
    const found = await leads();
    expect(found.map(({ consent_at: at }) => (at === null ? null : Number(at)))).toEqual([
      ...Array(5).fill(NOON.getTime()),
      null,
      null,
    ]);
    expect(found[0]).toMatchObject({ full_name: "N0", phone: "+77011112210", metadata: { course: "SQL" } });
    expect(found[0]?.["metadata"]).not.toHaveProperty("Selectbox");
  });

  test("take UTM from the form, else from Tilda's cookies, and keep no other cookie than those that say where from", async () => {
    const { key } = await add("tilda");
    const utm = encodeURIComponent("utm_source=google|||utm_campaign=spring %26 sun|||amp;utm_term=x");
    const cookies = encodeURIComponent(`session=SECRET; TILDAUTM=${utm}; _ga=GA1.2; _fbp=fb.1`);
    await post(key, `name=A&email=a@example.kz&tranid=1&utm_source=own&COOKIES=${cookies}`);
    expect(await leads()).toMatchObject([
      {
        utm_source: "own",
        utm_campaign: "spring & sun",
        metadata: { cookies: { _ga: "GA1.2", _fbp: "fb.1" } },
      },
    ]);
    expect(JSON.stringify(await leads())).not.toContain("SECRET");
  });
});

test("a first and a last name are one name, unless the map says which field is the name", async () => {
  const form = { Имя: "Анна", Фамилия: "Ким", phone: "87011112201" };
  await post((await add("generic")).key, form);
  await post((await add("generic")).key, { ...form, Имя: "Анна Ким", phone: "87011112202" });
  await post((await add("generic", "own", { full_name: "Имя" })).key, { ...form, phone: "87011112203" });
  expect(await leads()).toMatchObject([
    { full_name: "Анна", metadata: { Фамилия: "Ким" } },
    { full_name: "Анна Ким" },
    { full_name: "Анна Ким", metadata: {} },
  ]);
});

describe("a submission", () => {
  test("with the same tranid is one lead, also from two addresses; another form of that project is another", async () => {
    const [one, two] = [await add("tilda", "one"), await add("tilda", "two")];
    const form = "Name=A&Phone=87011112233&tranid=100:7&formid=form1";
    for (const key of [one.key, one.key, two.key]) expect(await post(key, form)).toBe(200);
    expect(await leads()).toHaveLength(1);
    await post(one.key, form.replace("form1", "form2"));
    expect(await leads()).toHaveLength(2);
  });

  test("without a number is one lead if it is repeated within minutes, and another if it comes again later", async () => {
    const { key } = await add("generic");
    const form = { name: "A", phone: "87011112233" };
    await setTestClock(noonPlus(595_000), sql, service);
    await post(key, form);
    await setTestClock(noonPlus(605_000), sql, service);
    await post(key, form);
    expect(await leads()).toHaveLength(1);
    await setTestClock(noonPlus(3_600_000), sql, service);
    await post(key, form);
    expect(await leads()).toHaveLength(2);
  });

  test("of Tilda's check of the address is answered and not kept", async () => {
    const { key } = await add("tilda");
    expect(await post(key, "test=test")).toBe(200);
    expect(await kept()).toEqual([]);
    await post(key, "test=test&Phone=87011112233");
    expect(await leads()).toHaveLength(1);
  });
});

describe("a form that nobody has seen yet", () => {
  const form = "Pole_1=Анна&Pole_2=87011112233&Pole_3=SQL&tranid=5";

  test("is kept and shown, and a lead once somebody says which field is which", async () => {
    const { id, key } = await add("tilda", "odd");
    expect(await post(key, form)).toBe(200);
    expect(await leads()).toEqual([]);
    const fields = { Pole_1: "Анна", Pole_2: "87011112233", Pole_3: "SQL", tranid: "5" };
    expect(await unmapped()).toEqual([{ reason: "no_email_or_phone", fields, source: "odd" }]);
    const map = { full_name: "Pole_1", phone: "pole 2", "metadata.course": "Pole_3" };
    const [count] = await service`select form_source_remap(${id}, ${sql.json(map)}) as count`;
    expect(count).toEqual({ count: 1 });
    expect(await leads()).toMatchObject([
      { full_name: "Анна", phone: "+77011112233", metadata: { course: "SQL" } },
    ]);
    expect(await unmapped()).toEqual([]);
    expect(await post(key, form)).toBe(200);
    expect(await leads()).toHaveLength(1);
  });

  test.each([
    ["Phone=none&tranid=6", "lead_can_be_reached"],
    ["Email=nobody&tranid=6", "email_is_an_address"],
    ["{broken", "no_form"],
    ["", "no_email_or_phone"],
  ])("nor fits a lead is kept: %s", async (body, reason) => {
    const { key } = await add("tilda");
    expect(await post(key, body)).toBe(200);
    expect(await unmapped()).toMatchObject([{ reason }]);
  });

  test("is forgotten with the person whom it names", async () => {
    const { key } = await add("tilda");
    await post(key, form);
    await service`select amocrm_forget(null, '+77011112233')`;
    expect(await kept()).toEqual([{ state: "worked", body: null, error: null }]);
  });
});

describe("what is refused and what waits", () => {
  test("a wrong key is answered with 401 and leaves nothing; so is one that is off", async () => {
    const { id, key } = await add("tilda");
    for (const wrong of ["wrong", key.slice(1), `${key}x`, "x".repeat(5000)]) {
      expect(await post(wrong, "Phone=87011112233")).toBe(401);
    }
    await service`update form_sources set is_on = false where id = ${id}`;
    expect(await post(key, "Phone=87011112233")).toBe(401);
    expect(await kept()).toEqual([]);
    expect(await sql`select from amocrm.inbox_counts`).toEqual([]);
    expect(await leads()).toEqual([]);
  });

  test("at the bound of the inbox a form is answered with 429, and one that is known still with 200", async () => {
    const { key } = await add("tilda");
    await sql`update amocrm.inbox_sources set max_rows = 2 where source = 'forms'`;
    try {
      for (const tranid of [1, 2]) expect(await post(key, `x=1&tranid=${tranid}`)).toBe(200);
      expect(await post(key, "x=1&tranid=3")).toBe(429);
      expect(await post(key, "x=1&tranid=2")).toBe(200);
    } finally {
      await sql`update amocrm.inbox_sources set max_rows = 10000 where source = 'forms'`;
    }
  });

  test("a flood is counted by the source, not by the address, and quarantined", async () => {
    await sql`update amocrm_form_limits set fair_count = 1, total_count = 3, per_address_count = 3`;
    const [one, two] = [await add("tilda", "one"), await add("tilda", "two")];
    for (let n = 0; n < 5; n++) await post(one.key, `Phone=870111122${10 + n}&tranid=${n}`);
    await post(two.key, "Phone=87011112299&tranid=99");
    expect(await leads()).toHaveLength(6);
    expect(await sql`select reason from amocrm.quarantined_leads`).toEqual([
      { reason: "flood" },
      { reason: "flood" },
    ]);
    expect(await sql`select from amocrm.outbox`).toHaveLength(4);
  });

  test("waits in the inbox while the quarantine has no room either, and goes on by itself", async () => {
    await sql`update amocrm_form_limits set fair_count = 1, total_count = 1, flood_count = 1, quarantine_mb = 1`;
    const { key } = await add("tilda");
    await post(key, "Phone=87011112201&tranid=1");
    await sql`select setval('amocrm.quarantined_kb_seq', 1024)`;
    expect(await post(key, "Phone=87011112202&tranid=2")).toBe(200);
    expect((await kept())[1]).toMatchObject({ state: "waiting", error: "quarantine_is_full" });
    await sql`update amocrm_form_limits set total_count = 2, flood_count = 2`;
    await setTestClock(noonPlus(60_000), sql, service);
    await sql`select amocrm.tend_forms()`;
    expect(await leads()).toHaveLength(2);
  });

  test("what stumbles is kept and tried again by cron, and undoes nothing of what was kept", async () => {
    const { key } = await add("tilda");
    await sql`alter table landing_leads add constraint trial_of_test check (full_name <> 'A') not valid`;
    try {
      await post(key, "Name=A&Phone=87011112233&tranid=1");
    } finally {
      await sql`alter table landing_leads drop constraint trial_of_test`;
    }
    expect(await kept()).toMatchObject([{ state: "unreadable", error: "trial_of_test" }]);
    await sql`alter table landing_leads rename column utm_term to utm_term_gone`;
    try {
      await post(key, "Name=B&Phone=87011112234&tranid=2");
    } finally {
      await sql`alter table landing_leads rename column utm_term_gone to utm_term`;
    }
    expect((await kept())[1]).toMatchObject({ state: "waiting", error: "42703" });
    await setTestClock(noonPlus(60_000), sql, service);
    await sql`select amocrm.tend_forms()`;
    expect(await leads()).toMatchObject([{ full_name: "B" }]);
  });
});
