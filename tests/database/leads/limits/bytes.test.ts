import { randomBytes, randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS, noonPlus, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { errorOf } from "../../support/errors.ts";
import { ANON, openDataApi } from "../../support/roles.ts";
import { openVisits, type VisitOptions } from "../../support/visits.ts";

// Room that deleted rows left would hide what a request writes.
const database = await useDatabase({ truncates: true });
const { sql } = database;
const visit = openVisits(database);
const tend = () => sql`select amocrm.tend_forms()`;

const KB = 1024;
let next = 0;
/** As large as a lead may be, and of a kind that no compression makes smaller. */
const heavy = (email = `heavy${next++}@example.com`) => ({
  email,
  full_name: "Heavy",
  metadata: { answer: randomBytes(8 * KB).toString("base64") },
});
const heavies = (count: number) => Array.from({ length: count }, () => heavy());

/** What the two tables of leads take on the disk, dead rows, indexes and long values included. */
const bytes = async (): Promise<number> =>
  (
    await sql`select (pg_total_relation_size('landing_leads') + pg_total_relation_size('unified_lead_tracking'))::int as bytes`
  )[0]?.["bytes"];
async function growth(work: () => Promise<unknown>): Promise<number> {
  const before = await bytes();
  await work();
  return (await bytes()) - before;
}
const leadCount = async () => (await sql`select from landing_leads`).length;

beforeEach(async () => {
  await visit([heavy()], { address: "192.0.2.1" });
});

describe("a refused request", () => {
  test("of a thousand heavy leads writes nothing, however often it comes", async () => {
    const leads = heavies(1000);
    const headers = { "content-length": String(JSON.stringify(leads).length) };
    const grown = await growth(async () => {
      for (let n = 0; n < 3; n++) {
        expect(await visit(leads, { headers })).toMatchObject({
          code: "PT429",
          headers: { "Retry-After": "600" },
          details: "too_many_from_this_address",
        });
      }
    });
    expect(grown).toBe(0);
    expect(await leadCount()).toBe(1);
  });

  test("that does not tell its length writes no more than the address may leave", async () => {
    const leads = heavies(1000);
    expect(await growth(() => visit(leads))).toBeLessThan(31 * 16 * KB);
  });

  test("that is repeated by many addresses writes one row each in the end, until the minute is over", async () => {
    await sql`update amocrm_form_limits set rows_per_request = 100`;
    const leads = heavies(40);
    const flood = async (network: number, count: number) => {
      for (let n = 0; n < count; n++) await visit(leads, { address: `198.51.${network}.${n}` });
    };
    // Four of them use up what all together may write.
    await flood(1, 4);
    expect(await growth(() => flood(2, 20))).toBeLessThan(25 * 16 * KB);
    expect(await visit(heavies(2), { address: "203.0.113.9" })).toMatchObject({
      code: "PT429",
      headers: { "Retry-After": "60" },
      details: "one_lead_at_a_time",
    });
    expect((await visit([heavy()], { address: "203.0.113.9" })).code).toBe("ok");
    await tend();
    expect((await visit(heavies(2), { address: "203.0.113.9" })).code).toBe("ok");
  });

  test("with a submission that is known writes nothing, and is told apart as ever", async () => {
    const runAs = openDataApi(database);
    const submission = randomUUID();
    const { metadata } = heavy();
    const submit = () =>
      runAs(ANON, async (anon) => {
        await anon`select set_config('request.headers', '{"cf-connecting-ip": "203.0.113.7"}', true)`;
        await anon`insert into landing_leads (submission_id, email, metadata)
          values (${submission}, 'twice@example.com', ${JSON.stringify(metadata)}::text::jsonb)`;
      });
    await submit();
    const grown = await growth(async () => {
      for (let n = 0; n < 10; n++) {
        expect(await errorOf(submit())).toMatchObject({
          code: "23505",
          constraint_name: "landing_leads_one_per_submission",
          message: expect.stringContaining("landing_leads_one_per_submission"),
        });
      }
    });
    expect(grown).toBe(0);
  });
});

describe("a /48 of IPv6, which comes free with a rented server", () => {
  const from = (net: number, subnet: number): VisitOptions => ({
    address: `2001:db8:${net.toString(16)}:${subnet.toString(16)}::1`,
  });

  test("is refused at ten times an address's limit, whichever /64 it takes", async () => {
    await sql`update amocrm_form_limits set per_address_count = 5`;
    const codes: string[] = [];
    for (let subnet = 1; subnet <= 12; subnet++) {
      for (let n = 0; n < 5; n++) codes.push((await visit([heavy()], from(1, subnet))).code);
    }
    expect(codes.filter((code) => code === "ok")).toHaveLength(50);
    expect(await visit([heavy()], from(1, 99))).toMatchObject({
      code: "PT429",
      details: "too_many_from_this_network",
      message: "too many leads from this network: 50 in 600 seconds are let in",
    });
    expect((await visit([heavy()], from(2, 1))).code).toBe("ok");
    expect((await visit([heavy()], { address: "203.0.113.7" })).code).toBe("ok");
  });

  test("counts the rows of one request as well", async () => {
    await sql`update amocrm_form_limits set per_address_count = 5`;
    for (let subnet = 1; subnet <= 9; subnet++) await visit(heavies(5), from(1, subnet));
    await visit(heavies(3), from(1, 10));
    expect(await visit(heavies(3), from(1, 11))).toMatchObject({ details: "too_many_from_this_network" });
    expect((await visit(heavies(2), from(1, 11))).code).toBe("ok");
  });
});

describe("a flood from everywhere", () => {
  const flood = async (count: number, network = 1) => {
    const answers: string[] = [];
    for (let n = 0; n < count; n++) {
      answers.push((await visit([heavy()], { address: `198.51.${network}.${n}` })).code);
    }
    return answers;
  };
  const knowSomebody = async () => {
    await sql`insert into amocrm.contacts (amocrm_contact_id, updated_at) values (501, now())`;
    await sql`insert into amocrm.contact_keys (type, key, amocrm_contact_id) values ('email', 'known@example.com', 501)`;
  };
  const metadataOf = async (email: string) =>
    (
      await sql`select lead.metadata, lead.full_name, landing.metadata = lead.metadata as is_same
        from unified_lead_tracking as lead join landing_leads as landing on landing.id = lead.landing_lead_id
        where lead.email = ${email}`
    )[0];

  beforeEach(async () => {
    await sql`update amocrm_form_limits set fair_count = 1, total_count = 5, flood_count = 10`;
  });

  test("is kept by names, keys and a kilobyte each, once flood_count of it lie in quarantine", async () => {
    await knowSomebody();
    await flood(20);
    const lead = heavy("late@example.com");
    expect(await growth(() => flood(50, 2))).toBeLessThan(50 * 5 * KB);
    expect((await visit([lead], { address: "203.0.113.50" })).code).toBe("ok");
    expect(await metadataOf("late@example.com")).toEqual({
      metadata: {
        cut_in_a_flood: JSON.stringify({ answer: lead.metadata.answer }).replace(":", ": ").slice(0, 250),
      },
      full_name: "Heavy",
      is_same: true,
    });
    // Who is known goes through, and whole.
    const known = heavy("known@example.com");
    await visit([known], { address: "203.0.113.51" });
    expect(await metadataOf("known@example.com")).toMatchObject({ metadata: known.metadata });
  });

  test("is refused once quarantine_mb is reached, but for people who are known, until a person has decided", async () => {
    await knowSomebody();
    await sql`update amocrm_form_limits set quarantine_mb = 1, flood_count = 60`;
    // Sixty go through; then each takes twice twelve kilobytes.
    expect(new Set(await flood(120))).toEqual(new Set(["ok", "PT429"]));
    const grown = await growth(async () => {
      expect(await visit([heavy()], { address: "203.0.113.60" })).toMatchObject({
        code: "PT429",
        status: 429,
        details: "quarantine_is_full",
        headers: { "Retry-After": "600" },
      });
    });
    expect(grown).toBe(0);
    expect((await visit([heavy("known@example.com")], { address: "203.0.113.61" })).code).toBe("ok");

    await setTestClock(noonPlus(MINUTE_MS), sql);
    await tend();
    expect(await sql`select severity, detail from amocrm_alerts where code = 'form_flood'`).toMatchObject([
      { severity: "critical", detail: expect.stringContaining("what the flood adds is refused") },
    ]);
    await sql`select amocrm_discard_quarantine(p_email_domain => 'example.com', p_limit => 1000)`;
    expect((await visit([heavy()], { address: "203.0.113.62" })).code).toBe("ok");
  });

  test("of a solved captcha is taken whole", async () => {
    await flood(20);
    const lead = heavy("solved@example.com");
    await sql`select amocrm_form_submit(${JSON.stringify(lead)}::text::jsonb, '{"cf-connecting-ip": "203.0.113.70"}'::jsonb, true)`;
    expect(await metadataOf("solved@example.com")).toMatchObject({ metadata: lead.metadata });
  });
});
