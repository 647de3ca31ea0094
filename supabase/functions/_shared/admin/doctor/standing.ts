import { type Finding, finding } from "./finding.ts";
import type { Standing } from "./port.ts";

/** Leads of a flood, which nobody sends before a person has decided. */
export function checkQuarantine({ quarantined_count: count }: Standing): Finding[] {
  return count === 0 ? [] : [finding("quarantine", { count })];
}

/** What the watch has found, and what it still waits to close. */
export function checkIncidents({ incidents }: Standing, nowMs: number): Finding[] {
  return incidents.map(({ code, detail, over_since: overSince }) =>
    overSince === null
      ? finding("incident", { code, detail })
      : finding("incident_over", {
          code,
          minutes: Math.max(0, Math.floor((nowMs - Date.parse(overSince)) / 60_000)),
        }),
  );
}
