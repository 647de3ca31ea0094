import type { StatusAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import { sinceOf } from "./lines.ts";

const MARKS = { critical: "✗", warning: "!", info: "·" } as const;

/**
 * What is beside the verdict and may stay hidden behind it: open incidents, leads in quarantine, the queue of mails.
 * Nothing where all of it is well, else with a line before.
 */
export function besideLines(status: StatusAnswer, nowMs: number): string[] {
  const lines = [...alertLines(status, nowMs), ...quarantineLines(status, nowMs), ...mailLines(status)];
  return lines.length === 0 ? [] : ["", ...lines];
}

function alertLines({ open_alerts: alerts }: StatusAnswer, nowMs: number): string[] {
  return alerts.flatMap(({ code, severity, detail, remedy, first_seen_at: at }) => [
    `${MARKS[severity]} Alert ${code}, ${severity}, for ${sinceOf(at, nowMs)}: ${detail}`,
    `  Remedy   ${remedy ?? `docs/runbook.md, ${code}`}`,
  ]);
}

function quarantineLines({ quarantine }: StatusAnswer, nowMs: number): string[] {
  if (quarantine === null) return [];
  const { lead_count: count, oldest_at: at, remedy } = quarantine;
  const since = at === null ? "" : `, the oldest for ${sinceOf(at, nowMs)}`;
  return [
    `! Quarantine: ${count} ${count === 1 ? "lead" : "leads"} without a message${since}`,
    `  Remedy   ${remedy}`,
  ];
}

function mailLines({ mail }: StatusAnswer): string[] {
  const { verdict, problem, remedy, notice, waiting_count: waiting, dead_count: dead } = mail;
  if (verdict === "ok") return notice === null ? [] : [`! Mail: ${notice}`];
  return [
    `✗ Mail ${verdict}: ${problem ?? ""}; waiting ${waiting}, dead ${dead}`,
    ...(remedy === null ? [] : [`  Remedy   ${remedy}`]),
  ];
}
