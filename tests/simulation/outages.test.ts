import { afterAll, describe, expect, test } from "vitest";
import { tellViolation } from "./checks/report.ts";
import { troubledPlan } from "./world/quiet-plan.ts";
import { type RunResult, simulate } from "./world/simulate.ts";
import { useQueueDatabase } from "./world/support.ts";
import type { Trouble } from "./world/trouble.ts";

const database = await useQueueDatabase();

const MINUTE_MS = 60_000;
/** An hour and ten minutes, with leads before, in it and after. */
const OUTAGE = { fromMs: 10 * MINUTE_MS, untilMs: 80 * MINUTE_MS };
const INSERTS_AT_MS = Array.from({ length: 60 }, (_, index) => index * 1.5 * MINUTE_MS);
/** What found the outage, the quick probes, then one each five minutes. */
const MAX_REQUESTS = 30;
/** A 429 is no outage: the account answers, and is asked again when it said. */
const TOLD_WAIT_S = 10;
const MAX_REQUESTS_AT_429 = 3 + (70 * 60) / TOLD_WAIT_S;
const MAX_PROBE_WAIT_MS = 5 * MINUTE_MS;

const always = { probability: 1 };
const OUTAGES: readonly [name: string, trouble: Trouble][] = [
  ["answers 503", { ...OUTAGE, kind: "fault", fault: { kind: "status", status: 503, ...always } }],
  ["answers 500", { ...OUTAGE, kind: "fault", fault: { kind: "status", status: 500, ...always } }],
  ["refuses connections", { ...OUTAGE, kind: "outage" }],
  ["breaks connections", { ...OUTAGE, kind: "fault", fault: { kind: "reset", ...always } }],
  ["does not answer", { ...OUTAGE, kind: "fault", fault: { kind: "hang", ...always } }],
  ["blocks the account with 403", { ...OUTAGE, kind: "block" }],
  ["refuses the token with 401", { ...OUTAGE, kind: "revoked_token" }],
  ["is not paid and answers 402", { ...OUTAGE, kind: "fault", fault: { kind: "unpaid", ...always } }],
  [
    "answers 429",
    { ...OUTAGE, kind: "fault", fault: { kind: "rate_limit", retry_after_s: TOLD_WAIT_S, ...always } },
  ],
];
const requestCounts = new Map<string, number>();

describe("an hour in which amoCRM", () => {
  test.each(OUTAGES)("%s kills no message, and costs few requests", async (name, trouble) => {
    const result = await simulate(
      database,
      troubledPlan({ insertsAtMs: INSERTS_AT_MS, leadsEach: 1, trouble }),
    );
    expectAllDelivered(result);
    const count = sentBetween(result, trouble.fromMs, trouble.untilMs);
    requestCounts.set(name, count);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(name === "answers 429" ? MAX_REQUESTS_AT_429 : MAX_REQUESTS);
  });

  afterAll(() => {
    console.info(
      ["requests in 70 minutes", ...[...requestCounts].map(([name, count]) => `  ${name}: ${count}`)].join(
        "\n",
      ),
    );
  });
});

describe("a 403 block in mid-backlog", () => {
  const block: Trouble = { kind: "block", fromMs: 30_000, untilMs: 400_000 };
  const plan = troubledPlan({ insertsAtMs: [0], leadsEach: 300, trouble: block });

  test("costs at most three requests in the first minute and no attempt, and ends within a probe's wait", async () => {
    const result = await simulate(database, plan);
    expectAllDelivered(result);
    const delivered = result.evidence.messages.map(
      (row) => (row.delivered_at?.getTime() ?? 0) - result.record.planStartMs,
    );
    const before = delivered.filter((atMs) => atMs < block.fromMs).length;
    expect(before, "the block came in mid-backlog").toBeGreaterThan(0);
    expect(before).toBeLessThan(300);
    expect(sentBetween(result, block.fromMs, block.fromMs + MINUTE_MS)).toBeLessThanOrEqual(3);
    expect(Math.max(...delivered)).toBeLessThanOrEqual(block.untilMs + MAX_PROBE_WAIT_MS);
    // The delivery is the one attempt of each.
    expect(new Set(result.evidence.messages.map((row) => row.attempt_count))).toEqual(new Set([1]));
  });
});

function expectAllDelivered(result: RunResult): void {
  expect(result.record.violations, tellViolation(result, { withTrace: true })).toEqual([]);
  expect(new Set(result.evidence.messages.map(({ state }) => state))).toEqual(new Set(["delivered"]));
}

function sentBetween({ record }: RunResult, fromMs: number, untilMs: number): number {
  return record.departures.filter(({ atMs }) => {
    const planMs = atMs - record.planStartMs;
    return planMs >= fromMs && planMs < untilMs;
  }).length;
}
