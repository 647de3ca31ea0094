import type { Clock } from "../platform/clock.ts";
import { messageOf } from "../platform/error-message.ts";
import type { Log } from "../platform/log.ts";
import { metricsText } from "./metrics.ts";
import type { MetricsReports } from "./port.ts";

/** Prometheus gives up after ten seconds. */
const MAX_WAIT_MS = 5_000;

export interface MetricsPorts {
  reports: MetricsReports;
  clock: Clock;
  log: Log;
}

/** Whether a call of amocrm-health is for the numbers: its path ends with /metrics. */
export function isForMetrics(request: Request): boolean {
  return /\/metrics\/?$/.test(new URL(request.url).pathname);
}

/** The numbers as Prometheus reads them; 503 if the database does not tell them in time. */
export async function answerMetrics({ reports, clock, log }: MetricsPorts): Promise<Response> {
  const over = new AbortController();
  try {
    const late = clock.sleep(MAX_WAIT_MS, over.signal).then(() => null);
    const metrics = await Promise.race([reports.read(), late]);
    return metrics === null ? answer(503, "# late\n") : answer(200, metricsText(metrics));
  } catch (error) {
    log("error", "metrics_failed", { message: messageOf(error) });
    return answer(503, "# failed\n");
  } finally {
    over.abort();
  }
}

function answer(status: number, body: string): Response {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" };
  return new Response(body, { status, headers });
}
