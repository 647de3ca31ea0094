import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";
import { messages } from "../../support/leads.ts";
import { ANON, openDataApi, SERVICE } from "../../support/roles.ts";
import { answerOf, openVisits } from "../../support/visits.ts";

const database = await useDatabase();
const { sql } = database;
const visit = openVisits(database);
const runAs = openDataApi(database);

const reasons = async () =>
  (await sql`select reason from amocrm.quarantined_leads order by reason`).map((row) => row["reason"]);

describe("an input that people do not see", () => {
  test("filled in makes a lead that is saved and goes to nobody, and the robot is not told", async () => {
    const answer = await visit([{ email: "robot@example.com", left_empty: "https://spam.example" }]);
    expect(answer).toEqual({ code: "ok" });
    expect(await reasons()).toEqual(["honeypot"]);
    expect(await messages(sql)).toEqual([]);
    expect(await sql`select left_empty from landing_leads`).toEqual([{ left_empty: "https://spam.example" }]);
  });

  test.each([null, "", "  \u00a0"])("left empty changes nothing: %j", async (left_empty) => {
    await visit([{ email: "person@example.com", left_empty }]);
    expect(await reasons()).toEqual([]);
    expect(await messages(sql)).toHaveLength(1);
  });

  test("takes only the robot's row out of a request of many", async () => {
    await visit([
      { email: "a@example.com" },
      { email: "b@example.com", left_empty: "x" },
      { email: "c@example.com" },
    ]);
    expect((await messages(sql)).map(({ email_key }) => email_key)).toEqual([
      "a@example.com",
      "c@example.com",
    ]);
  });

  test("works with the limits off, and not when it is switched off itself", async () => {
    await sql`update amocrm_form_limits set is_enabled = false`;
    await visit([{ email: "a@example.com", left_empty: "x" }]);
    await sql`update amocrm_form_limits set has_honeypot = false`;
    await visit([{ email: "b@example.com", left_empty: "x" }]);
    expect((await messages(sql)).map(({ email_key }) => email_key)).toEqual(["b@example.com"]);
  });

  test("is shortened and not refused, however much is written into it", async () => {
    await visit([{ email: "a@example.com", left_empty: "y".repeat(1_000_000) }]);
    expect(await sql`select length(left_empty) as length from landing_leads`).toEqual([{ length: 200 }]);
  });
});

describe("when a captcha is required", () => {
  beforeEach(() => sql`update amocrm_form_limits set requires_captcha = true, is_enabled = false`);
  const submit = (lead: object, headers: object = { "cf-connecting-ip": "203.0.113.7" }, hasCaptcha = true) =>
    answerOf(
      runAs(SERVICE, async (service) => {
        await service`select set_config('request.headers', '{"cf-connecting-ip": "192.0.2.1"}', true)`;
        await service`select public.amocrm_form_submit(${JSON.stringify(lead)}::text::jsonb, ${JSON.stringify(headers)}::text::jsonb, ${hasCaptcha})`;
      }),
    );

  test.each(["landing_leads", "unified_lead_tracking"] as const)(
    "a visitor's own insert is refused: %s",
    async (table) => {
      expect(await visit([{ email: "a@example.com" }], { table })).toEqual({
        code: "PT403",
        status: 403,
        headers: {},
        message: "leads are taken with a solved captcha only",
        details: "captcha_is_required",
        hint: "Send the lead and the captcha's token to the function form-submit.",
      });
      expect(await sql`select from unified_lead_tracking`).toHaveLength(0);
    },
  );

  test("the service role's own insert is not", async () => {
    expect((await visit([{ email: "a@example.com" }], { caller: SERVICE })).code).toBe("ok");
    expect(await messages(sql)).toHaveLength(1);
  });

  test("a lead whose captcha was found solved is saved whole and goes out", async () => {
    const lead = {
      submission_id: "0b8f6b6e-9d5c-4a3c-8a53-1f4d8f9d2b10",
      full_name: "Ada",
      email: "ada@example.com",
      phone: "+77071234567",
      source: "webinar",
      utm_source: "a",
      utm_medium: "b",
      utm_campaign: "c",
      utm_content: "d",
      utm_term: "e",
      metadata: { quiz: [1, 2] },
      consent_at: "2026-11-21T10:00:00+00:00",
    };
    expect((await submit(lead)).code).toBe("ok");
    const [row] = await sql`select to_jsonb(landing_leads) as lead from landing_leads`;
    expect(row?.["lead"]).toMatchObject(lead);
    expect(await messages(sql)).toHaveLength(1);
  });

  test("the visitor's address counts, not the function's", async () => {
    await sql`update amocrm_form_limits set is_enabled = true, per_address_count = 3`;
    const codes: string[] = [];
    for (let n = 0; n < 4; n++) codes.push((await submit({ email: `a${n}@example.com` })).code);
    expect(codes).toEqual(["ok", "ok", "ok", "PT429"]);
    expect((await submit({ email: "b@example.com" }, { "cf-connecting-ip": "203.0.113.8" })).code).toBe("ok");
    expect((await submit({ email: "c@example.com" }, {})).code).toBe("ok");
  });

  test("a solved captcha goes through a flood", async () => {
    await sql`update amocrm_form_limits set is_enabled = true, fair_count = 1, total_count = 1, flood_count = 1`;
    for (let n = 0; n < 5; n++) {
      await submit({ email: `a${n}@example.com` }, { "cf-connecting-ip": `203.0.113.${n}` });
    }
    expect(await messages(sql)).toHaveLength(5);
    expect(await reasons()).toEqual([]);
  });

  test("a robot that solves captchas still falls for the input that people do not see", async () => {
    await submit({ email: "a@example.com", left_empty: "x" });
    expect(await reasons()).toEqual(["honeypot"]);
  });

  test("a captcha that could not be checked loses no lead: it is saved and waits for a person", async () => {
    expect((await submit({ email: "a@example.com" }, {}, false)).code).toBe("ok");
    expect(await reasons()).toEqual(["captcha"]);
    expect(await messages(sql)).toEqual([]);
    await sql`update amocrm_form_limits set requires_captcha = false`;
    await submit({ email: "b@example.com" }, {}, false);
    expect((await messages(sql)).map(({ email_key }) => email_key)).toEqual(["b@example.com"]);
  });

  test("an unknown column is passed over: the function has checked the names", async () => {
    await submit({ email: "a@example.com", amocrm_deal_id: 7, id: "0b8f6b6e-9d5c-4a3c-8a53-1f4d8f9d2b10" });
    expect(await sql`select amocrm_deal_id from unified_lead_tracking`).toEqual([{ amocrm_deal_id: null }]);
  });

  test("nobody but the service role may say that a captcha was solved", async () => {
    const call = runAs(
      ANON,
      (anon) => anon`select public.amocrm_form_submit('{"email": "a@example.com"}', '{}', true)`,
    );
    expect((await answerOf(call)).code).toBe("42501");
  });
});
