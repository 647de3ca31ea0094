import type { Clock } from "../platform/clock.ts";
import { messageOf } from "../platform/error-message.ts";
import type { Log } from "../platform/log.ts";
import type { HealthReports } from "./port.ts";

/** Monitors give up after ten seconds or so; a late answer would look like no function at all. */
const LONGEST_WAIT_MS = 5_000;

export interface HealthPorts {
  reports: HealthReports;
  clock: Clock;
  log: Log;
}

/** What a monitor is answered: 200 if leads reach amoCRM, else 503, with the reason and the remedy in both cases. */
export async function answerHealth({ reports, clock, log }: HealthPorts): Promise<Response> {
  const over = new AbortController();
  try {
    const late = clock.sleep(LONGEST_WAIT_MS, over.signal).then(() => null);
    const report = await Promise.race([reports.read(), late]);
    if (report === null) return unknown("The database did not answer within 5 seconds");
    const { is_well: isWell, ...rest } = report;
    return answer(isWell ? 200 : 503, rest);
  } catch (error) {
    log("error", "health_failed", { message: messageOf(error) });
    return unknown("The database could not be asked; the log of amocrm-health says why");
  } finally {
    over.abort();
  }
}

function unknown(problem: string): Response {
  return answer(503, { verdict: "unknown", problem, remedy: "Check that the project is running" });
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
