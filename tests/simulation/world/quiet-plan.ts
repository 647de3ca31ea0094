import { createChance } from "./chance.ts";
import { GOOD_SOURCES, type LeadDraft, type Plan } from "./plan.ts";
import type { Trouble } from "./trouble.ts";

/** A run in which nothing is left to chance but durations: what happens is told, and nothing else does. */
export function quietPlan(parts: Partial<Plan> & Pick<Plan, "happenings" | "calmFromMs">): Plan {
  return {
    seed: 1,
    isPlain: true,
    weather: "calm",
    account: { log_bodies: true, duration: { base_ms: 300, per_item_ms: 20 } },
    settings: { min_interval_ms: 2000, batch_size: 10, patch_batch_size: 10 },
    onRepeat: "note",
    marker: "set",
    connection: "long_lived",
    hasMirror: true,
    pullIntervalSeconds: null,
    known: [],
    hasMixedKeys: false,
    troubles: [],
    rates: { crash: 0, freeze: 0, databaseFault: 0, secondRing: 0, lostRing: 0 },
    traps: [],
    ...parts,
  };
}

/** Leads of new people at their times, and one trouble. */
export function troubledPlan(parts: {
  insertsAtMs: readonly number[];
  leadsEach: number;
  trouble: Trouble;
}): Plan {
  const chance = createChance(1, "quiet");
  const { insertsAtMs, leadsEach, trouble } = parts;
  const lead = (number: number): LeadDraft => ({
    id: chance.uuid(),
    full_name: `Lead ${number}`,
    email: `person${number}@example.com`,
    phone: `+7900${String(1_000_000 + number)}`,
    source: GOOD_SOURCES[0],
    metadata: null,
  });
  return quietPlan({
    happenings: insertsAtMs.map((atMs, index) => ({
      kind: "insert",
      atMs,
      losesMessage: false,
      leads: Array.from({ length: leadsEach }, (_, offset) => lead(index * leadsEach + offset)),
    })),
    troubles: [trouble],
    calmFromMs: Math.max(trouble.untilMs, ...insertsAtMs) + 1000,
  });
}
