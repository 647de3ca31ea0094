import { describe, expect, it } from "vitest";
import { answerMetrics, isForMetrics } from "#shared/watch/answer-metrics.ts";
import { Metrics, metricsText } from "#shared/watch/metrics.ts";

const METRICS = Metrics.parse({
  verdict: "ok",
  version: "0.1.0",
  at: 1_000,
  last_tick_at: 996,
  oldest_waiting_at: null,
  token_expires_at: 87_400,
  last_pull_at: 900,
  breaker_is_open: false,
  is_paused: true,
  interval_in_force_ms: 3000,
  min_interval_ms: 2000,
  depth: [{ queue: "amocrm", state: "dead", count: 3 }],
  flow: [{ queue: "amocrm", kind: 'odd"\nkind', came: 6, delivered: 2, dead: 1, failed: 0 }],
  took: [{ queue: "amocrm", kind: "*", measure: "wait", half_ms: 2000, most_ms: 4000, nearly_all_ms: 8000 }],
  requests: { "200": 5, none: 1 },
});
const clock = {
  nowMs: () => 0,
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve())),
};

describe("the text for Prometheus", () => {
  const lines = metricsText(METRICS).trimEnd().split("\n");

  it("is made of comments and samples only, each name declared once and before its samples", () => {
    const declared = new Set<string>();
    for (const line of lines) {
      const type = /^# TYPE (\S+) gauge$/.exec(line)?.[1];
      if (type !== undefined) {
        expect(declared).not.toContain(type);
        declared.add(type);
      } else if (!line.startsWith("# HELP ")) {
        expect(line).toMatch(
          /^[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\.)*"(?:,[a-z_]+="(?:[^"\\\n]|\\.)*")*\})? -?\d+(\.\d+)?$/,
        );
        expect(declared).toContain(/^[a-z_]+/.exec(line)?.[0]);
      }
    }
  });

  it("tells depth, ages, flow, percentiles, pace and the token", () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'amocrm_messages{queue="amocrm",state="dead"} 3',
        "amocrm_tick_age_seconds 4",
        'amocrm_flow_last_hour{queue="amocrm",kind="odd\\"\\nkind",outcome="in"} 6',
        'amocrm_wait_seconds{queue="amocrm",kind="*",quantile="0.95"} 4',
        'amocrm_requests_last_hour{status="none"} 1',
        "amocrm_paused 1",
        "amocrm_token_seconds_left 86400",
      ]),
    );
  });
});

it("is asked for by the path alone", () => {
  const asks = (path: string) => isForMetrics(new Request(`https://x.example${path}`));
  expect(asks("/amocrm-health/metrics")).toBe(true);
  expect(asks("/functions/v1/amocrm-health/metrics/")).toBe(true);
  expect(asks("/amocrm-health?x=/metrics")).toBe(false);
  expect(asks("/amocrm-health/metricsx")).toBe(false);
});

it("says nothing of the cause when the database cannot tell", async () => {
  const logged: unknown[] = [];
  const answer = await answerMetrics({
    reports: { read: () => Promise.reject(new Error("secret of the database")) },
    clock,
    log: (...line) => void logged.push(line),
  });
  expect(answer.status).toBe(503);
  expect(await answer.text()).toBe("# failed\n");
  expect(logged).toHaveLength(1);
});
