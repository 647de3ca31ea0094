import { beforeEach, describe, expect, test } from "vitest";
import { FAULT_CODES } from "#shared/amocrm/api/faults.ts";
import { UNISENDER_MESSAGES } from "#shared/loyalty/unisender/codes.ts";
import { MAIL_FAULT_CODES } from "#shared/mail/resend/classify.ts";
import { SMS_FAULT_CODES } from "#shared/sms/mobizon/classify.ts";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer, type Result } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
await sql`create table amocrm.policies_as_shipped as table amocrm.error_policies`;

let drainer: Drainer;
beforeEach(async () => {
  await sql`delete from amocrm.error_policies`;
  await sql`insert into amocrm.error_policies table amocrm.policies_as_shipped`;
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
});

/** Claims a stranger's message, settles it, and tells the row. */
async function settle(result: Omit<Result, "id">, ids = [1]) {
  if ((await messages(sql)).length === 0) await insertLeads(sql, strangers(ids.length));
  const now = (await messages(sql))[0]?.next_attempt_at;
  if (now !== undefined) await setTestClock(now, drainer.sql);
  await drainer.begin();
  await drainer.claim();
  await drainer.settle(ids.map((id) => ({ id, ...result })));
  return (await messages(sql))[0];
}
const waitMs = (row: { next_attempt_at: Date } | undefined, from: Date = NOON) =>
  Number(row?.next_attempt_at) - Number(from);
const report = async (
  code: string,
  { told = null as number | null, operation = "search", ids = [1], isProbe = false } = {},
) =>
  (
    await sql`select amocrm_report_fault(${code}, null, 'It failed', ${told}, ${operation}, ${ids}::bigint[], ${isProbe}) as meaning`
  )[0]?.["meaning"];
const probeInMs = async () => (await drainer.slot({ withoutToken: true })).wait_ms;

test("there is a policy for each fault of amoCRM, Resend, Mobizon and Unisender and for each wait of a handler, and each explains itself", async () => {
  const codes = (await sql`select error_code, explanation from amocrm_error_policies`).map((row) => {
    expect(row["explanation"]).toMatch(/^.{30,}\.$/s);
    return String(row["error_code"]);
  });
  const ours = [
    "no_route",
    "no_contact",
    "no_deal",
    "tells_held",
    "no_stage",
    "no_main_pipeline",
    "no_handler",
    "contact_deleted",
    "contact_in_use",
    "deal_in_use",
    "looked_up",
    "look_unclear",
    "handler_failed",
    "worker_died",
    "worker_died_unanswered",
    "fails_alone",
    "mail_in_doubt",
    "sms_held",
    "sms_in_background",
    "sms_too_long",
    "unisender_contact_refused",
    "unisender_importing",
    "unisender_one_an_hour",
    "*",
  ];
  expect(codes.toSorted()).toEqual(
    [
      ...new Set([
        ...FAULT_CODES,
        ...MAIL_FAULT_CODES,
        ...SMS_FAULT_CODES,
        ...Object.keys(UNISENDER_MESSAGES),
        ...ours,
      ]),
    ].toSorted(),
  );
});

describe("by default", () => {
  test.each(["unauthorized", "unpaid", "forbidden", "account_blocked", "rate_limited"])(
    "%s gives the attempt back, however often",
    async (code) => {
      await sql`update amocrm_settings set max_attempts = 2`;
      for (let round = 0; round < 4; round++) {
        expect(await settle({ verdict: "retry", is_sent: true, code })).toMatchObject({
          state: "pending",
          attempt_count: 0,
        });
      }
    },
  );

  test.each([
    ["unauthorized", 1, 60_000],
    ["unpaid", 1, 60_000],
    ["forbidden", 1, 60_000],
    ["account_blocked", 1, 60_000],
    ["server_error", 3, 5_000],
    ["refusal_unexplained", 3, 60_000],
    ["refusal_unreadable", 3, 60_000],
    ["address_unknown", 3, 60_000],
    ["refused", 3, 60_000],
  ])(
    "%s opens the breaker at different message number %i, and the first probe comes after %i ms",
    async (code, count, wait) => {
      for (let number = 1; number < count; number++)
        expect(await report(code, { ids: [number] })).toBe("counts");
      expect(await report(code, { ids: [count] })).toBe("stop");
      expect(await probeInMs()).toBe(wait);
      expect((await sql`select breaker_code, breaker_message from amocrm_health`)[0]).toEqual({
        breaker_code: code,
        breaker_message: "It failed",
      });
    },
  );

  test("a probe that fails keeps the breaker open with the first error", async () => {
    expect(await report("server_error", { isProbe: true })).toBe("stop");
  });

  test.each([
    ["named by amoCRM", 7_000, 7_000],
    ["named as nothing", 0, 1_000],
    ["named far too long", 86_400_000, 600_000],
    ["not named", null, 2_000],
  ])("a 429 slows down, with a wait %s", async (_how, told, wait) => {
    expect(await report("rate_limited", { told })).toBe("stop");
    expect(await drainer.slot({ withoutToken: true })).toMatchObject({ wait_ms: wait, interval_ms: 3000 });
  });

  test("a refusal of content says nothing against the account", async () => {
    expect(await report("validation_failed", { ids: [9] })).toBe("harmless");
    expect(await probeInMs()).toBe(0);
  });

  test("a contact that is found and not taken, each time, is tried ever more rarely, and not as fast as the pace allows", async () => {
    const waits: number[] = [];
    let now: Date = NOON;
    for (let round = 0; round < 7; round++) {
      const row = await settle({ verdict: "retry", is_sent: false, code: "contact_deleted" });
      expect(row).toMatchObject({ state: "pending", attempt_count: 0 });
      waits.push(waitMs(row, now));
      now = row?.next_attempt_at as Date;
    }
    expect(waits).toEqual([1, 5, 25, 125, 625, 900, 900].map((seconds) => seconds * 1000));
  });

  test("waits grow with each error of the same code in a row, up to the longest, and start anew after another", async () => {
    const waits: number[] = [];
    await sql`update amocrm_settings set max_attempts = 100`;
    let now: Date = NOON;
    for (let round = 0; round < 11; round++) {
      const row = await settle({ verdict: "retry", code: "surprise", jitter: 0 });
      waits.push(waitMs(row, now));
      now = row?.next_attempt_at as Date;
    }
    expect(waits).toEqual(
      [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800].map((seconds) => seconds * 1000),
    );
    expect(waitMs(await settle({ verdict: "retry", code: "another", jitter: 0 }), now)).toBe(5000);
  });

  test("chance adds as much again at most, and the same chance gives the same wait", async () => {
    await insertLeads(sql, strangers(2));
    await drainer.claim();
    await drainer.settle([
      { id: 1, verdict: "retry", code: "timeout", jitter: 0.5 },
      { id: 2, verdict: "retry", code: "timeout", jitter: 0.9999 },
    ]);
    expect((await messages(sql)).map((row) => waitMs(row))).toEqual([7500, 10_000]);
  });

  test("a lost answer is looked for after 10 s, 50 s and 250 s; what cannot be told, each quarter of an hour", async () => {
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    await drainer.markSent([1], "create");
    await drainer.settle([{ id: 1, verdict: "uncertain", code: "timeout", progress: { lookCount: 0 } }]);
    const waits = [waitMs((await messages(sql))[0])];
    for (let lookCount = 1; lookCount <= 4; lookCount++) {
      const before = (await messages(sql))[0]?.next_attempt_at as Date;
      const row = await settle({
        verdict: "uncertain",
        is_sent: false,
        code: "looked_up",
        progress: { lookCount },
      });
      expect(row).toMatchObject({ state: "uncertain", attempt_count: 1 });
      waits.push(waitMs(row, before));
    }
    expect(waits).toEqual([10_000, 50_000, 250_000, 900_000, 900_000]);
  });
});

describe("a changed row acts at once", () => {
  test("on the wait of a message, also when service_role changed it", async () => {
    await drainer.sql`update amocrm.error_policies set first_wait_ms = 90000, longest_wait_ms = 90000, jitter = 0 where error_code = 'server_error'`;
    expect(waitMs(await settle({ verdict: "retry", code: "server_error", jitter: 0.5 }))).toBe(90_000);
  });

  test("on what counts as an attempt and on how many there are", async () => {
    await sql`update amocrm.error_policies set spends_attempt = true, max_attempts = 2 where error_code = 'server_error'`;
    expect(await settle({ verdict: "retry", code: "server_error" })).toMatchObject({
      state: "pending",
      attempt_count: 1,
    });
    expect(await settle({ verdict: "retry", code: "server_error" })).toMatchObject({
      state: "dead",
      attempt_count: 2,
    });
  });

  test("on whether a refusal is final", async () => {
    await sql`update amocrm.error_policies set action = 'retry', first_wait_ms = 1000, longest_wait_ms = 1000 where error_code = 'not_found'`;
    expect(await settle({ verdict: "rejected", code: "not_found" })).toMatchObject({
      state: "pending",
      attempt_count: 1,
    });
  });

  test("on a fault that is not worth a second try", async () => {
    await sql`update amocrm.error_policies set action = 'dead' where error_code = 'answer_too_large'`;
    expect(await settle({ verdict: "retry", code: "answer_too_large" })).toMatchObject({ state: "dead" });
  });

  test("on when the breaker opens and how often it probes", async () => {
    await sql`update amocrm.error_policies set opens_breaker_after = 2, breaker_first_seconds = 20, breaker_longest_seconds = 30 where error_code = 'server_error'`;
    expect([await report("server_error"), await report("server_error", { ids: [2] })]).toEqual([
      "counts",
      "stop",
    ]);
    expect(await probeInMs()).toBe(20_000);
    await setTestClock(noonPlus(20_000), sql, drainer.sql);
    expect(await drainer.slot({ withoutToken: true })).toMatchObject({ is_probe: true });
    await report("server_error", { isProbe: true });
    expect(await probeInMs()).toBe(30_000);
  });

  test("on how often a lost answer is looked for, which the drain is told with its claim", async () => {
    await sql`update amocrm.error_policies set max_attempts = 5 where error_code = 'looked_up'`;
    await insertLeads(sql, strangers(1));
    const [row] =
      await drainer.sql`select amocrm_drain_claim(${drainer.token}, 1) -> 'configuration' -> 'settings' ->> 'most_looks' as looks`;
    expect(row?.["looks"]).toBe("5");
  });

  test("but never on what was sent without an answer: it stays uncertain, whatever the policy of its fault", async () => {
    await sql`update amocrm.error_policies set action = 'dead', spends_attempt = true where error_code = 'timeout'`;
    await insertLeads(sql, strangers(1));
    await drainer.claim();
    await drainer.markSent([1], "create");
    await drainer.settle([{ id: 1, verdict: "uncertain", code: "timeout" }]);
    expect((await messages(sql))[0]).toMatchObject({ state: "uncertain", step: "create", attempt_count: 1 });
  });
});

describe("what no admin may set", () => {
  test.each([
    ["lost_answers_are_looked_up", "action = 'retry' where error_code = 'looked_up'"],
    ["lost_answers_are_looked_up", "action = 'retry' where error_code = 'worker_died_unanswered'"],
    ["lost_answers_are_looked_up", "action = 'look_up' where error_code = 'server_error'"],
    ["one_look_is_not_enough", "max_attempts = 1 where error_code = 'looked_up'"],
    ["one_look_is_not_enough", "first_wait_ms = 1000 where error_code = 'looked_up'"],
    ["what_is_unclear_is_left_to_a_person", "max_attempts = 2 where error_code = 'look_unclear'"],
    [
      "what_is_unclear_is_left_to_a_person",
      "action = 'retry', first_wait_ms = 1000, longest_wait_ms = 1000 where error_code = 'look_unclear'",
    ],
    ["a_429_slows_down", "action = 'retry' where error_code = 'rate_limited'"],
    [
      "a_refusing_account_opens_the_breaker",
      "action = 'retry', opens_breaker_after = null, breaker_first_seconds = null, breaker_longest_seconds = null, first_wait_ms = 1000, longest_wait_ms = 1000 where error_code = 'account_blocked'",
    ],
    [
      "a_refusing_account_is_not_knocked_at",
      "breaker_first_seconds = 1 where error_code = 'account_blocked'",
    ],
    ["innocent_messages_spend_nothing", "spends_attempt = true where error_code = 'unpaid'"],
    ["attempts_are_bounded_where_they_count", "max_attempts = 3 where error_code = 'server_error'"],
    ["attempts_are_bounded_where_they_count", "max_attempts = null where error_code = 'worker_died'"],
    ["retries_do_not_hammer", "first_wait_ms = 0 where error_code = 'server_error'"],
    ["waits_are_in_order", "longest_wait_ms = 1000 where error_code = 'server_error'"],
    ["breaker_is_described_whole", "breaker_first_seconds = null where error_code = 'timeout'"],
  ])("%s: %s", async (constraint, change) => {
    expect((await errorOf(sql.unsafe(`update amocrm.error_policies set ${change}`))).constraint_name).toBe(
      constraint,
    );
  });
});
