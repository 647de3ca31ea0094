import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** So many calls by cron without a sign of life are no accident (as in amocrm_health). */
const SILENT_CALLS = 3;

/** What the functions tell of themselves. That one is switched off or not configured is said among the variables. */
export function checkHeartbeats({ heartbeats }: DoctorFacts): Finding[] {
  const findings: Finding[] = [];
  for (const { component: name, state, detail, unanswered_post_count: count, answer } of heartbeats) {
    if (count >= SILENT_CALLS) {
      const told = answer?.status_code ?? answer?.error ?? null;
      findings.push(
        told === null
          ? finding("function_silent", { name, count })
          : finding("function_refused", { name, count, answer: told }),
      );
    } else if (state === "failed") {
      findings.push(finding("function_failing", { name, reason: detail ?? "" }));
    }
  }
  if (findings.length > 0) return findings;
  const seen = heartbeats.filter(({ last_seen_at: at }) => at !== null).map(({ component }) => component);
  return [
    seen.length === 0 ? finding("heartbeats_none") : finding("heartbeats_ok", { names: seen.join(", ") }),
  ];
}
