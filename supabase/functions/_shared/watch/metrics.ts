import { z } from "zod";

const Seconds = z.number().nullable();

/** What `amocrm_metrics` tells; counts and times are of the last 60 minutes. */
export const Metrics = z.object({
  verdict: z.string(),
  version: z.string(),
  at: z.number(),
  last_tick_at: Seconds,
  oldest_waiting_at: Seconds,
  token_expires_at: Seconds,
  last_pull_at: Seconds,
  breaker_is_open: z.boolean(),
  is_paused: z.boolean(),
  interval_in_force_ms: z.number(),
  min_interval_ms: z.number(),
  depth: z.array(z.object({ queue: z.string(), state: z.string(), count: z.number() })),
  flow: z.array(
    z.object({
      queue: z.string(),
      kind: z.string(),
      came: z.number(),
      delivered: z.number(),
      dead: z.number(),
      failed: z.number(),
    }),
  ),
  took: z.array(
    z.object({
      queue: z.string(),
      kind: z.string(),
      measure: z.enum(["wait", "run"]),
      half_ms: z.number(),
      most_ms: z.number(),
      nearly_all_ms: z.number(),
    }),
  ),
  requests: z.record(z.string(), z.number()),
});
export type Metrics = z.infer<typeof Metrics>;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** The text format of Prometheus, version 0.0.4. Each is a gauge: the database forgets, so nothing only ever grows. */
export function metricsText(metrics: Metrics): string {
  const { at } = metrics;
  const since = (moment: number | null): Sample[] =>
    moment === null ? [] : [[{}, Math.max(at - moment, 0)]];
  const flow = metrics.flow.flatMap(({ queue, kind, came, delivered, dead, failed }): Sample[] => [
    [{ queue, kind, outcome: "in" }, came],
    [{ queue, kind, outcome: "delivered" }, delivered],
    [{ queue, kind, outcome: "dead" }, dead],
    [{ queue, kind, outcome: "failed" }, failed],
  ]);
  const took = (wanted: "wait" | "run"): Sample[] =>
    metrics.took
      .filter(({ measure }) => measure === wanted)
      .flatMap(({ queue, kind, half_ms, most_ms, nearly_all_ms }): Sample[] => [
        [{ queue, kind, quantile: "0.5" }, half_ms / 1000],
        [{ queue, kind, quantile: "0.95" }, most_ms / 1000],
        [{ queue, kind, quantile: "0.99" }, nearly_all_ms / 1000],
      ]);
  return [
    gauge("amocrm_info", "Version and verdict of amocrm_health; always 1.", [
      [{ version: metrics.version, verdict: metrics.verdict }, 1],
    ]),
    gauge("amocrm_is_well", "1 if the verdict is ok, else 0.", [[{}, Number(metrics.verdict === "ok")]]),
    gauge(
      "amocrm_messages",
      "Messages by state now; a state is counted up to 10000.",
      metrics.depth.map(({ queue, state, count }): Sample => [{ queue, state }, count]),
    ),
    gauge(
      "amocrm_oldest_waiting_seconds",
      "Age of the oldest waiting message.",
      since(metrics.oldest_waiting_at),
    ),
    gauge(
      "amocrm_tick_age_seconds",
      "Time since cron last ticked, each ten seconds.",
      since(metrics.last_tick_at),
    ),
    gauge("amocrm_pull_age_seconds", "Time since the mirror was last read.", since(metrics.last_pull_at)),
    gauge(
      "amocrm_flow_last_hour",
      "Messages that came, were delivered, died or failed a try in 60 minutes.",
      flow,
    ),
    gauge(
      "amocrm_wait_seconds",
      "From appended to claimed, live messages delivered in 60 minutes.",
      took("wait"),
    ),
    gauge("amocrm_run_seconds", "How long tries took, of 60 minutes.", took("run")),
    gauge(
      "amocrm_requests_last_hour",
      "Requests to amoCRM in 60 minutes by HTTP status.",
      Object.entries(metrics.requests).map(([status, count]): Sample => [{ status }, count]),
    ),
    gauge("amocrm_breaker_open", "1 while the breaker is open.", [[{}, Number(metrics.breaker_is_open)]]),
    gauge("amocrm_paused", "1 while sending is paused.", [[{}, Number(metrics.is_paused)]]),
    gauge("amocrm_interval_seconds", "Pace: smallest time between two requests, set and in force.", [
      [{ which: "set" }, metrics.min_interval_ms / 1000],
      [{ which: "in_force" }, metrics.interval_in_force_ms / 1000],
    ]),
    gauge(
      "amocrm_token_seconds_left",
      "Time until the connection to amoCRM ends.",
      metrics.token_expires_at === null ? [] : [[{}, metrics.token_expires_at - at]],
    ),
  ].join("");
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** A kind comes from the database: it may neither end the label nor the line. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
