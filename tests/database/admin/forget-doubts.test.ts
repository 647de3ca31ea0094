import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads } from "../support/leads.ts";
import { ADMIN, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const runAs = openDataApi(database);
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql, superuser);
  await drainer.begin();
});

const ANN = "ann@secret.example";
const PHONE = "+77071234567";
const forget = async (email: string | null, phone: string | null = null) =>
  (await runAs(ADMIN, (session) => session`select amocrm_forget(${email}, ${phone}) as answer`))[0]?.[
    "answer"
  ];
const emails = async () =>
  (await sql`select email from unified_lead_tracking order by created_at, email`).map(({ email }) => email);
const found = async (email: string | null, phone: string | null) =>
  (await drainer.sql`select amocrm_find(${email}, ${phone}, null) as known`)[0]?.["known"]["row_count"];

describe("amocrm_forget of somebody whose request has no answer", () => {
  async function loseAnswer(): Promise<number> {
    await insertLeads(sql, [{ email: ANN }]);
    const [message] = await drainer.claim();
    const id = message?.id ?? 0;
    await drainer.markSent([id], "create_deal_with_contact");
    await drainer.settle([{ id, verdict: "uncertain", wait_ms: 10_000 }]);
    return id;
  }

  test("is refused as long as it is being looked for, and nothing is forgotten", async () => {
    const id = await loseAnswer();
    const error = await errorOf(forget(ANN));
    expect(error).toMatchObject({
      code: "55006",
      message: `message ${id} about this person was sent, and it is not known yet what became of it`,
    });
    expect(error.hint).toContain("try again in five minutes");
    expect(await emails()).toEqual([ANN]);
  });

  test("says maybe_in_amocrm once it was cancelled in doubt, in the answer and in the action", async () => {
    const id = await loseAnswer();
    await sql`select amocrm_cancel(${id})`;
    expect(await forget(ANN)).toMatchObject({ leads: 1, maybe_in_amocrm: true });
    const [action] = await sql`select result from amocrm_actions where action = 'forget'`;
    expect(action?.["result"]).toMatchObject({ maybe_in_amocrm: true });
    expect(await forget(ANN)).toMatchObject({ maybe_in_amocrm: false });
  });

  test("names contact and deal once the look has found them", async () => {
    const id = await loseAnswer();
    await setTestClock(new Date(NOON.getTime() + 60_000), sql, drainer.sql, superuser);
    await drainer.begin();
    await drainer.claim();
    await drainer.settle([{ id, verdict: "delivered", contact_id: 501, deal_id: 601 }]);
    expect(await forget(ANN)).toMatchObject({
      maybe_in_amocrm: false,
      clean_in_amocrm: { contact_ids: [501], deal_ids: [601] },
    });
  });
});

describe("rows from before the installation, in any spelling", () => {
  const SPELLINGS: [email: string | null, phone: string | null][] = [
    [" Ann@Secret.Example", "8 (707) 123-45-67"],
    ["<ann@secret.example>", null],
    ["an\u200bn@secret.example", null],
    ["mailto:ANN@secret.example", null],
    [null, "7071234567"],
    [null, "8 707 123-45-67 доб. 12"],
    [null, "tel:+77071234567"],
    ["не помню", "+7 8707 123-45-67"],
  ];
  beforeEach(async () => {
    await superuser`alter table unified_lead_tracking disable trigger user`;
    for (const [email, phone] of [...SPELLINGS, ["bob@example.com", "8 701 111-22-33"] as const])
      await superuser`insert into unified_lead_tracking (email, phone, created_at, amocrm_deal_id) values (${email}, ${phone}, 'epoch', 7)`;
    await superuser`alter table unified_lead_tracking enable trigger user`;
  });

  test("are found, counted and deleted by amocrm_forget", async () => {
    expect(await forget(ANN, PHONE)).toMatchObject({ leads: SPELLINGS.length });
    expect(await emails()).toEqual(["bob@example.com"]);
  });

  test("are found by amocrm_find", async () => {
    expect(await found(ANN, PHONE)).toBe(SPELLINGS.length);
    expect(await found(null, "+77011112233")).toBe(1);
    expect(await found("nobody@example.com", null)).toBe(0);
  });
});

describe("somebody else with the same phone", () => {
  const BOB = "bob@example.com";
  beforeEach(async () => {
    await sql`insert into landing_leads (email, phone) values (${ANN}, ${PHONE}), (${BOB}, '8 707 123 45 67')`;
    await superuser`select amocrm.place('amocrm', 10)`;
    const card = (id: number, email: string) => ({
      id,
      name: "",
      updatedAt: 1,
      rawFields: [
        { field_code: "EMAIL", values: [{ value: email }] },
        { field_code: "PHONE", values: [{ value: PHONE }] },
      ],
    });
    await superuser`select amocrm.store_contacts(${JSON.stringify([card(501, ANN), card(502, "cleo@example.com")])}::text::jsonb)`;
  });

  test("is not forgotten with the person: neither leads nor what was typed, nor a card in amoCRM", async () => {
    expect(await forget(ANN)).toMatchObject({
      leads: 1,
      landing_leads: 1,
      clean_in_amocrm: { contact_ids: [501] },
    });
    expect(await emails()).toEqual([BOB]);
    expect(await sql`select email from landing_leads`).toEqual([{ email: BOB }]);
  });

  test("is mirrored on, when the phone is among what was forgotten", async () => {
    await forget(ANN);
    const card = (id: number, codes: Record<string, string>) => ({
      id,
      updatedAt: 2,
      rawFields: Object.entries(codes).map(([code, value]) => ({ field_code: code, values: [{ value }] })),
    });
    const rows = [
      card(601, { EMAIL: BOB, PHONE }),
      card(602, { PHONE }),
      card(603, { EMAIL: ANN }),
      card(604, { EMAIL: "dan@example.com" }),
    ];
    const [kept] =
      await superuser`select amocrm.without_forgotten('contact', ${JSON.stringify(rows)}::text::jsonb) as rows`;
    expect(kept?.["rows"].map(({ id }: { id: number }) => id)).toEqual([601, 604]);
  });

  test("is not counted as the person's by amocrm_find", async () => {
    expect(await found(ANN, null)).toBe(1);
    expect(await found(BOB, null)).toBe(1);
  });
});
