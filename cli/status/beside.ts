import type { StatusAnswer } from "#shared/admin/answer.ts";
import type { Say } from "#shared/platform/text.ts";
import { durationOf, sinceOf } from "../language/duration.ts";
import { STATUS } from "../words/status.ts";
import { underlined, verdictText } from "./lines.ts";

/** As amocrm.judge_conditions has it. */
const CLOSES_AFTER_MS = 15 * 60_000;
const MARKS = { critical: "✗", warning: "!", info: "·" } as const;

/**
 * What is beside the verdict and may stay hidden behind it: open incidents, leads in quarantine, the queue of mails.
 * Nothing where all of it is well, else with a line before.
 */
export function besideLines(status: StatusAnswer, nowMs: number, say: Say): string[] {
  const lines = [
    ...alertLines(status, nowMs, say),
    ...quarantineLines(status, nowMs, say),
    ...mailLines(status, say),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

function alertLines({ open_alerts: alerts }: StatusAnswer, nowMs: number, say: Say): string[] {
  return alerts.flatMap((alert) => {
    const { code, severity, remedy, detail, first_seen_at: at, over_since: overSince } = alert;
    if (overSince !== null) {
      const leftMs = Math.max(0, Date.parse(overSince) + CLOSES_AFTER_MS - nowMs);
      const facts = { code, since: sinceOf(overSince, nowMs), in: durationOf(leftMs), detail };
      return [`${MARKS.info} ${say(STATUS.alertOver, facts)}`];
    }
    const facts = { code, severity: STATUS[severity], since: sinceOf(at, nowMs), detail };
    const mend = remedy ?? say(STATUS.runbook, { code });
    return [`${MARKS[severity]} ${say(STATUS.alert, facts)}`, underlined(STATUS.remedy, mend, say)];
  });
}

function quarantineLines({ quarantine }: StatusAnswer, nowMs: number, say: Say): string[] {
  if (quarantine === null) return [];
  const { lead_count: count, oldest_at: at, remedy } = quarantine;
  const line =
    at === null
      ? say(STATUS.quarantine, { count })
      : say(STATUS.quarantineSince, { count, since: sinceOf(at, nowMs) });
  return [`! ${line}`, underlined(STATUS.remedy, remedy, say)];
}

function mailLines({ mail }: StatusAnswer, say: Say): string[] {
  const { verdict, problem, remedy, notice, waiting_count: waiting, dead_count: dead } = mail;
  if (verdict === "ok") return notice === null ? [] : [`! ${say(STATUS.mail, { notice: notice })}`];
  const facts = { verdict: verdictText(verdict), problem: problem ?? "", waiting, dead };
  return [
    `✗ ${say(STATUS.mailWrong, facts)}`,
    ...(remedy === null ? [] : [underlined(STATUS.remedy, remedy, say)]),
  ];
}
