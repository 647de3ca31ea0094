import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { messages, strangers } from "../../support/leads.ts";
import { ADMIN, ANON, MANAGER, openDataApi, SERVICE, STUDENT } from "../../support/roles.ts";
import { answerOf, openVisits, type VisitOptions } from "../../support/visits.ts";

const database = await useDatabase();
const { sql } = database;
const visit = openVisits(database);

beforeEach(async () => {
  await sql`update amocrm_form_limits set per_address_count = 3, per_address_seconds = 600, fair_count = 3`;
});

let next = 0;
const leave = (options?: VisitOptions) => visit([{ email: `v${next++}@example.com` }], options);
const leaveMany = async (count: number, options?: VisitOptions) => {
  const codes: string[] = [];
  for (let n = 0; n < count; n++) codes.push((await leave(options)).code);
  return codes;
};
const leadCount = async () =>
  (await sql`select count(*)::int as count from unified_lead_tracking`)[0]?.["count"];

describe("an address", () => {
  test.each(["landing_leads", "unified_lead_tracking"] as const)(
    "is refused at its limit, in words, with 429 and Retry-After: %s",
    async (table) => {
      expect(await leaveMany(3, { table })).toEqual(["ok", "ok", "ok"]);
      expect(await leave({ table, at: noonPlus(100 * SECOND_MS) })).toEqual({
        code: "PT429",
        status: 429,
        headers: { "Retry-After": "500" },
        message: "too many leads from this address: 3 in 600 seconds are let in",
        details: "too_many_from_this_address",
        hint: "Try again in 500 seconds. A server that passes leads on needs a secret key.",
      });
      expect(await leadCount()).toBe(3);
      expect(await messages(sql)).toHaveLength(3);
    },
  );

  test("is let in again as its oldest leads leave the window, one by one", async () => {
    await leave();
    await leave({ at: noonPlus(60 * SECOND_MS) });
    await leave({ at: noonPlus(60 * SECOND_MS) });
    expect((await leave({ at: noonPlus(599 * SECOND_MS) })).code).toBe("PT429");
    expect(await leaveMany(2, { at: noonPlus(600 * SECOND_MS) })).toEqual(["ok", "PT429"]);
    expect(await leaveMany(2, { at: noonPlus(660 * SECOND_MS) })).toEqual(["ok", "ok"]);
  });

  test("has one limit for both tables", async () => {
    expect(await leaveMany(2)).toEqual(["ok", "ok"]);
    expect(await leaveMany(2, { table: "unified_lead_tracking" })).toEqual(["ok", "PT429"]);
  });

  test("takes nothing from another's limit", async () => {
    await leaveMany(4);
    expect(await leaveMany(3, { address: "203.0.113.8" })).toEqual(["ok", "ok", "ok"]);
  });

  test("of IPv6 is a /64: changing the last bits gains nothing", async () => {
    const codes: string[] = [];
    for (let n = 1; n <= 4; n++) codes.push((await leave({ address: `2001:db8:1:1::${n}` })).code);
    expect(codes).toEqual(["ok", "ok", "ok", "PT429"]);
    expect((await leave({ address: "2001:db8:1:2::1" })).code).toBe("ok");
  });

  test("cannot be changed by a header that the visitor writes himself", async () => {
    const forged = (n: number) => ({
      headers: {
        "x-forwarded-for": `198.51.100.${n}`,
        "x-real-ip": `198.51.100.${n}`,
        forwarded: `for=198.51.100.${n}`,
      },
    });
    const codes: string[] = [];
    for (let n = 1; n <= 5; n++) codes.push((await leave(forged(n))).code);
    expect(codes).toEqual(["ok", "ok", "ok", "PT429", "PT429"]);
  });

  test("is read from the header that the settings name, for a project behind another proxy", async () => {
    await sql`update amocrm_form_limits set address_header = 'x-forwarded-for'`;
    const codes: string[] = [];
    for (let n = 1; n <= 4; n++) {
      codes.push(
        (await leave({ address: null, headers: { "x-forwarded-for": `10.0.0.${n}, 203.0.113.7` } })).code,
      );
    }
    expect(codes).toEqual(["ok", "ok", "ok", "PT429"]);
  });

  test("that is not told or cannot be read is not limited by itself", async () => {
    expect(new Set(await leaveMany(6, { address: null }))).toEqual(new Set(["ok"]));
    expect(new Set(await leaveMany(6, { address: "unknown" }))).toEqual(new Set(["ok"]));
  });

  test("is stored nowhere, neither plainly nor so that it could be guessed", async () => {
    await leave({ address: "203.0.113.77" });
    const rows = await sql`select arrivals::text as row from amocrm.arrivals
      union all select landing_leads::text from landing_leads union all select outbox::text from amocrm.outbox as outbox`;
    expect(rows.length).toBeGreaterThan(2);
    const [guess] = await sql`select count(*)::int as count from amocrm.arrivals
      where key_hash in (sha256('203.0.113.77'), substr(sha256('address 203.0.113.77'), 1, 16))`;
    expect(guess?.["count"]).toBe(0);
    for (const { row } of rows as unknown as { row: string }[]) expect(row).not.toContain("203.0.113.77");
  });
});

describe("leads in one request", () => {
  test("count one by one, and are let in or refused together", async () => {
    expect((await visit(strangers(2))).code).toBe("ok");
    expect((await visit(strangers(2))).code).toBe("PT429");
    expect((await visit(strangers(1))).code).toBe("ok");
    expect(await leadCount()).toBe(3);
  });

  test("beyond a whole limit are refused at once, with the window to wait", async () => {
    expect(await visit(strangers(4))).toMatchObject({ code: "PT429", headers: { "Retry-After": "600" } });
  });

  test("are a thousand at most, also with the limits off", async () => {
    await sql`update amocrm_form_limits set is_enabled = false`;
    expect((await visit(strangers(1000))).code).toBe("ok");
    expect(await visit(strangers(1001, "more"))).toEqual({
      code: "PT413",
      status: 413,
      headers: {},
      message: "a visitor may insert 1000 leads at once",
      details: "too_many_rows_at_once",
      hint: "Send fewer in one request, or use a secret key.",
    });
    expect(await leadCount()).toBe(1000);
  });

  test("that another rule refuses use nothing up", async () => {
    for (let n = 0; n < 5; n++) expect((await visit([{ email: "none" }])).code).toBe("23514");
    expect(await leaveMany(3)).toEqual(["ok", "ok", "ok"]);
  });
});

describe("no limit holds for", () => {
  test.each([
    ["the service role", SERVICE],
    ["a manager", MANAGER],
    ["an admin", ADMIN],
  ])("%s", async (_, caller) => {
    expect(new Set(await leaveMany(6, { caller }))).toEqual(new Set(["ok"]));
    expect(await sql`select from amocrm.arrivals`).toHaveLength(0);
  });

  test("SQL that does not come over the Data API, whatever its role", async () => {
    const runAs = openDataApi(database);
    for (let n = 0; n < 6; n++) {
      await runAs(ANON, (anon) => anon`insert into landing_leads (email) values (${`sql${n}@example.com`})`);
    }
    expect(await sql`select from amocrm.arrivals`).toHaveLength(0);
  });

  test("anybody while they are switched off", async () => {
    await sql`update amocrm_form_limits set is_enabled = false`;
    expect(new Set(await leaveMany(6))).toEqual(new Set(["ok"]));
    expect(await sql`select from amocrm.arrivals`).toHaveLength(0);
  });
});

test("a signed-in student is limited like everybody else", async () => {
  expect(await leaveMany(4, { caller: STUDENT })).toEqual(["ok", "ok", "ok", "PT429"]);
});

test("visits at the same moment do not wait for each other, not even of one address", async () => {
  const held = database.connect({ user: "authenticator" });
  const insert = (session: typeof held, email: string) =>
    session`insert into public.landing_leads (email) values (${email})`;
  const prepare = (session: typeof held) =>
    session.unsafe(`begin; set local role anon; set local lock_timeout = '50ms';
      select set_config('request.headers', '{"cf-connecting-ip": "203.0.113.7"}', true),
        set_config('amocrm.test_clock', '${NOON.toISOString()}', true)`);
  await prepare(held);
  await insert(held, "first@example.com");
  // The first visit is not committed: whoever shared a row with it would run into the lock timeout here.
  const others = Array.from({ length: 8 }, () => database.connect({ user: "authenticator" }));
  const answers = await Promise.all(
    others.map(async (session, index) => {
      await prepare(session);
      const answer = await answerOf(insert(session, `other${index}@example.com`));
      await session.unsafe("commit");
      return answer.code;
    }),
  );
  await held.unsafe("commit");
  // They could not see each other, so more than three may be in; the next one sees them all.
  expect(answers).toContain("ok");
  expect(answers).not.toContain("55P03");
  expect((await leave()).code).toBe("PT429");
});

test("a fault in the limits lets leads in, and the sweep finds what has no message", async () => {
  await sql`alter table amocrm.arrivals rename to arrivals_elsewhere`;
  try {
    expect(await leaveMany(1)).toEqual(["ok"]);
  } finally {
    await sql`alter table amocrm.arrivals_elsewhere rename to arrivals`;
  }
  expect(await leadCount()).toBe(1);
  expect(await messages(sql)).toHaveLength(0);
  await sql`update unified_lead_tracking set created_at = now()`;
  await sql`select amocrm.sweep()`;
  expect(await messages(sql)).toHaveLength(1);
});

test.each([
  ["fair_count = 4", "counts_grow_from_fair_to_flood"],
  ["total_count = 501", "counts_grow_from_fair_to_flood"],
  ["per_address_seconds = 5", "windows_are_sensible"],
  ["address_header = 'x-anything'", "address_header_is_known"],
])("a setting that makes no sense is refused by name: %s", async (change, constraint) => {
  await expect(sql.unsafe(`update amocrm_form_limits set ${change}`)).rejects.toMatchObject({
    constraint_name: constraint,
  });
});
