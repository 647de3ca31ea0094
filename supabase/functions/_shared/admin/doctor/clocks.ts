import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** Less is the network's and amoCRM's whole seconds; a look for a lost answer allows for two minutes (look-up.ts). */
const CLOCK_TOLERANCE_MS = 30_000;

/** By how much clocks differ, where it is more than looking up lost answers and reading changes can bear. */
export function checkClocks(
  { clock }: DoctorFacts,
  askedAtMs: number,
  answeredAtMs: number,
  accountOffsetMs: number | null,
): Finding[] {
  const databaseOffsetMs = Date.parse(clock) - (askedAtMs + answeredAtMs) / 2;
  const findings: Finding[] = [];
  if (Math.abs(databaseOffsetMs) > CLOCK_TOLERANCE_MS + (answeredAtMs - askedAtMs) / 2) {
    findings.push(finding("clock_database_off", { seconds: Math.round(databaseOffsetMs / 1000) }));
  }
  if (accountOffsetMs !== null && Math.abs(accountOffsetMs) > CLOCK_TOLERANCE_MS) {
    findings.push(finding("clock_amocrm_off", { seconds: Math.round(accountOffsetMs / 1000) }));
  }
  return findings.length === 0 ? [finding("clock_ok")] : findings;
}
