import type { Clock } from "../platform/clock.ts";
import { messageOf } from "../platform/error-message.ts";
import type { Log } from "../platform/log.ts";
import { type Language, sayIn, type Text } from "../platform/text.ts";
import type { HealthReports } from "./port.ts";
import type { HealthReport } from "./report.ts";
import { tellingIn } from "./told.ts";
import { MONITOR } from "./words/monitor.ts";

/** Monitors give up after ten seconds or so; a late answer would look like no function at all. */
const MAX_WAIT_MS = 5_000;

export interface HealthPorts {
  reports: HealthReports;
  clock: Clock;
  log: Log;
  /** Which language was asked for; null: that of the alerts, else English, which the database speaks. */
  language: Language | null;
}

/** What a monitor is answered: 200 if leads reach amoCRM, else 503, with the reason and the remedy in both cases. */
export async function answerHealth({ reports, clock, log, language }: HealthPorts): Promise<Response> {
  const over = new AbortController();
  try {
    const late = clock.sleep(MAX_WAIT_MS, over.signal).then(() => null);
    const report = await Promise.race([reports.read(), late]);
    if (report === null) return unknown(MONITOR.late, language);
    return answer(report.is_well ? 200 : 503, bodyOf(report, language ?? report.language ?? "en"));
  } catch (error) {
    log("error", "health_failed", { message: messageOf(error) });
    return unknown(MONITOR.unasked, language);
  } finally {
    over.abort();
  }
}

/** The keys are the same in every language. English stays as the database says it. */
function bodyOf(report: HealthReport, language: Language): object {
  const { is_well: _isWell, language: _language, time_zone: timeZone, ...body } = report;
  if (language === "en") return body;
  const telling = tellingIn(timeZone);
  const say = (sentence: string | null): string | null =>
    sentence === null ? null : sayIn(language)(telling(sentence));
  return {
    ...body,
    problem: say(body.problem),
    remedy: say(body.remedy),
    notice: body.notice?.split("\n").map(say).join("\n") ?? null,
    mail: { ...body.mail, problem: say(body.mail.problem), remedy: say(body.mail.remedy) },
    open_alerts: body.open_alerts.map((alert) => ({
      ...alert,
      detail: say(alert.detail),
      remedy: say(alert.remedy),
    })),
  };
}

function unknown(problem: Text, language: Language | null): Response {
  const say = sayIn(language ?? "en");
  return answer(503, { verdict: "unknown", problem: say(problem), remedy: say(MONITOR.running) });
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
