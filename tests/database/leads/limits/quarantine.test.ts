import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { errorOf } from "../../support/errors.ts";
import { messages } from "../../support/leads.ts";
import { ADMIN, openDataApi } from "../../support/roles.ts";
import { openVisits } from "../../support/visits.ts";

const database = await useDatabase();
const { sql } = database;
const visit = openVisits(database);
const runAs = openDataApi(database);
const at = (date: Date) => setTestClock(date, sql);
const tend = () => sql`select amocrm.tend_forms()`;

/** Leads of a flood, each from an address of its own; the first one is let through. */
async function flood(count: number, lead: Record<string, unknown> = {}) {
  for (let n = 0; n <= count; n++) {
    await visit([{ email: `f${n}@junk.example`, source: "landing", ...lead }], {
      address: `198.51.100.${n}`,
      at: noonPlus(n),
    });
  }
}
const heldCount = async () =>
  (await sql`select count(*)::int as count from amocrm.quarantined_leads`)[0]?.["count"];

beforeEach(async () => {
  await at(NOON);
  await sql`update amocrm.installation set installed_at = ${noonPlus(-DAY_MS)}`;
  await sql`update amocrm_form_limits set fair_count = 1, total_count = 1, flood_count = 1`;
});

describe("a quarantined lead", () => {
  test("is left alone by the sweep, and gets no message by being edited", async () => {
    await flood(2);
    expect(await sql`select amocrm.sweep() as count`).toEqual([{ count: 0 }]);
    await sql`update unified_lead_tracking set full_name = 'Junk'`;
    expect((await messages(sql)).map(({ kind }) => kind)).toEqual(["lead.created", "lead.updated"]);
    expect(await heldCount()).toBe(2);
  });

  test("has a bucket of its own in amocrm_reconciliation", async () => {
    await flood(2);
    const rows =
      await sql`select bucket, row_count::int as count from amocrm_reconciliation where subject = 'lead' order by bucket`;
    expect(rows.map(({ bucket, count }) => [bucket, count])).toEqual([
      ["quarantined", 2],
      ["total", 3],
      ["waiting", 1],
    ]);
  });

  test("leaves the quarantine when it is deleted", async () => {
    await flood(2);
    await sql`delete from unified_lead_tracking where email = 'f2@junk.example'`;
    expect(await heldCount()).toBe(1);
  });

  test("is released by a backfill, behind live leads; a robot's is not", async () => {
    await flood(2);
    await visit([{ email: "robot@junk.example", left_empty: "x" }], { address: "203.0.113.9" });
    expect(await sql`select amocrm_backfill('unified_lead_tracking') as count`).toEqual([{ count: 2 }]);
    expect((await messages(sql)).map(({ lane, email_key }) => `${lane} ${email_key}`)).toEqual([
      "live f0@junk.example",
      "backfill f1@junk.example",
      "backfill f2@junk.example",
    ]);
    expect(await sql`select reason from amocrm.quarantined_leads`).toEqual([{ reason: "honeypot" }]);
    expect(await sql`select amocrm_backfill('unified_lead_tracking') as count`).toEqual([{ count: 0 }]);
  });
});

describe("amocrm_quarantine", () => {
  test("shows what a flood has in common, and nobody's address", async () => {
    await flood(3);
    await flood(2, { source: "quiz", email: undefined, phone: "+77071234567" });
    await visit([{ email: "robot@spam.example", left_empty: "x" }], { address: "203.0.113.9" });
    const rows =
      await sql`select reason, source, email_domain, lead_count::int, network_count::int, remedy from amocrm_quarantine`;
    expect(rows).toMatchObject([
      { reason: "flood", source: "landing", email_domain: "junk.example", lead_count: 3, network_count: 3 },
      { reason: "flood", source: "quiz", email_domain: null, lead_count: 3, network_count: 3 },
      { reason: "honeypot", source: null, email_domain: "spam.example", lead_count: 1, network_count: 1 },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/f1@|robot@|7071234567/);
    expect(rows[0]?.["remedy"]).toContain(
      "select amocrm_discard_quarantine(p_reason => 'flood', p_source => 'landing', p_email_domain => 'junk.example')",
    );
  });
});

describe("amocrm_release_quarantine", () => {
  test("sends what its arguments name, oldest first, up to its limit", async () => {
    await flood(4);
    await visit([{ email: "quiz@person.example", source: "quiz" }], {
      address: "203.0.113.9",
      at: noonPlus(1000),
    });
    expect(await sql`select amocrm_release_quarantine(p_source => 'quiz') as count`).toEqual([{ count: 1 }]);
    expect(await sql`select amocrm_release_quarantine(p_limit => 1) as count`).toEqual([{ count: 1 }]);
    expect((await messages(sql)).map(({ email_key }) => email_key)).toEqual([
      "f0@junk.example",
      "quiz@person.example",
      "f1@junk.example",
    ]);
    expect(await sql`select amocrm_release_quarantine(p_since => ${noonPlus(1001)}) as count`).toEqual([
      { count: 0 },
    ]);
    expect(await sql`select amocrm_release_quarantine(p_email_domain => 'JUNK.example') as count`).toEqual([
      { count: 3 },
    ]);
    expect(await heldCount()).toBe(0);
  });

  test("sends nothing twice that a backfill sent meanwhile", async () => {
    await flood(1);
    await sql`select amocrm.append('lead.created', 'unified_lead_tracking', (
      select jsonb_agg(jsonb_build_object('id', lead_id)) from amocrm.quarantined_leads))`;
    expect(await sql`select amocrm_release_quarantine() as count`).toEqual([{ count: 0 }]);
    expect(await heldCount()).toBe(0);
    expect(await messages(sql)).toHaveLength(2);
  });

  test.each([
    ["p_limit => 0", "p_limit is 0, must be between 1 and 100000"],
    ["p_reason => 'junk'", "p_reason is junk, must be flood, address, captcha or honeypot"],
  ])("refuses %s in words", async (argument, message) => {
    const error = await errorOf(sql.unsafe(`select amocrm_release_quarantine(${argument})`));
    expect(error).toMatchObject({ code: "22023", message });
  });

  test("is an admin's to call", async () => {
    await flood(1);
    const [row] = await runAs(ADMIN, (admin) => admin`select amocrm_release_quarantine() as count`);
    expect(row).toEqual({ count: 1 });
    expect(await sql`select action, arguments, result from amocrm_actions`).toEqual([
      {
        action: "release_quarantine",
        arguments: { reason: null, source: null, email_domain: null, since: null, limit: 1000 },
        result: { message_count: 1 },
      },
    ]);
  });
});

describe("amocrm_discard_quarantine", () => {
  test("deletes what its arguments name from both tables, and touches nothing else", async () => {
    await flood(3);
    await visit([{ email: "person@real.example", source: "landing" }], { address: "203.0.113.9" });
    const [row] = await sql`select amocrm_discard_quarantine(p_email_domain => 'junk.example') as count`;
    expect(row).toEqual({ count: 3 });
    for (const table of ["landing_leads", "unified_lead_tracking"]) {
      const emails = await sql.unsafe(`select email from ${table} order by email`);
      expect(emails.map(({ email }) => email)).toEqual(["f0@junk.example", "person@real.example"]);
    }
    expect(await heldCount()).toBe(1);
  });

  test("refuses to delete everything at once", async () => {
    await flood(1);
    expect(await errorOf(sql`select amocrm_discard_quarantine()`)).toMatchObject({
      code: "22023",
      message: "nothing says which leads are junk",
    });
    expect(await heldCount()).toBe(1);
  });
});

describe("the alert", () => {
  const alerts = () =>
    sql`select code, severity, detail, remedy, first_seen_at, last_seen_at, resolved_at from amocrm_alerts order by id`;

  test("is one from the first quarantined lead to the last that leaves, and a new one for the next flood", async () => {
    await flood(2);
    await tend();
    await at(noonPlus(MINUTE_MS));
    await visit([{ email: "more@junk.example" }], { address: "203.0.113.9", at: noonPlus(MINUTE_MS) });
    await tend();
    expect(await alerts()).toMatchObject([
      {
        code: "form_flood",
        severity: "warning",
        detail: expect.stringMatching(/^3 leads are in quarantine/),
        remedy: expect.stringContaining("select amocrm_release_quarantine()"),
        first_seen_at: NOON,
        last_seen_at: noonPlus(MINUTE_MS),
        resolved_at: null,
      },
    ]);
    await sql`select amocrm_release_quarantine()`;
    await tend();
    expect(await alerts()).toMatchObject([{ resolved_at: noonPlus(MINUTE_MS) }]);
    await visit([{ email: "again@junk.example" }], { address: "203.0.113.10", at: noonPlus(MINUTE_MS) });
    await tend();
    expect(await alerts()).toMatchObject([
      { resolved_at: noonPlus(MINUTE_MS) },
      { detail: expect.stringMatching(/^1 lead is in quarantine/), resolved_at: null },
    ]);
  });

  test("is not raised by robots", async () => {
    await visit([{ email: "robot@junk.example", left_empty: "x" }]);
    await tend();
    expect(await alerts()).toEqual([]);
  });

  test("amocrm_health names the quarantine and what to look at", async () => {
    await sql`select set_config('amocrm.test_clock', '', false)`;
    await flood(2);
    await tend();
    await sql`select vault.create_secret('http://127.0.0.1:1', 'amocrm_functions_url'), vault.create_secret('k', 'amocrm_cron_key')`;
    expect(
      await sql`select verdict, problem, remedy, quarantined_count, oldest_quarantined_at from amocrm_health`,
    ).toEqual([
      {
        verdict: "attention",
        problem: "2 leads of a flood wait in quarantine for a decision",
        remedy: "select * from amocrm_quarantine",
        quarantined_count: 2,
        oldest_quarantined_at: noonPlus(1),
      },
    ]);
    await sql`update amocrm.quarantined_leads set reason = 'honeypot'`;
    expect(await sql`select quarantined_count, oldest_quarantined_at from amocrm_health`).toEqual([
      { quarantined_count: 0, oldest_quarantined_at: null },
    ]);
  });
});

describe("what is kept of visitors", () => {
  const arrivalCount = async () =>
    (await sql`select count(*)::int as count from amocrm.arrivals`)[0]?.["count"];

  test("is deleted when it counts no longer", async () => {
    await visit([{ email: "a@example.com" }], { address: "2001:db8::1" });
    await visit([{ email: "b@example.com" }], { at: noonPlus(MINUTE_MS) });
    await at(noonPlus(10 * MINUTE_MS));
    await tend();
    expect(await arrivalCount()).toBe(3);
    await at(noonPlus(10 * MINUTE_MS + 1));
    await tend();
    expect(await arrivalCount()).toBe(1);
  });

  test("goes in small batches", async () => {
    await sql`insert into amocrm.arrivals (counted, row_count, arrived_at)
      select 'fair', 1, ${noonPlus(-DAY_MS)} from generate_series(1, 5001)`;
    await tend();
    expect(await arrivalCount()).toBe(1);
  });

  test("is hashed with a key that lives for a day", async () => {
    const key = async () =>
      (await sql`select encode(inner_key, 'hex') as key from amocrm.address_key`)[0]?.["key"];
    await sql`select amocrm.draw_address_key()`;
    const first = await key();
    await at(noonPlus(DAY_MS));
    await tend();
    expect(await key()).toBe(first);
    await at(noonPlus(DAY_MS + 1));
    await tend();
    expect(await key()).not.toBe(first);
  });
});
