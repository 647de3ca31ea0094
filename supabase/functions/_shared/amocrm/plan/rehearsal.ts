import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { PlannedClaim, PlanStore } from "./port.ts";

/** What a rehearsed drain would have written down. */
export interface Notes {
  facts: Record<string, unknown>[];
  ends: PlannedEnd[];
}

const PlannedEnd = z.looseObject({
  id: z.int(),
  verdict: z.string(),
  code: z.string().nullable(),
  message: z.string().nullable(),
});
/** How a message's turn would end. */
type PlannedEnd = z.infer<typeof PlannedEnd>;

const Ids = z.array(z.int());
const IsAsked: ReadonlySet<string> = new Set(["amocrm_drain_deals_of_others", "amocrm_drain_custom_fields"]);

/**
 * The database as a rehearsed drain sees it: claims come from a list, what only reads is asked, and all that would change
 * something is noted and changes nothing. A function that is not known here is answered with nothing.
 */
export function rehearse(claims: readonly PlannedClaim[], store: PlanStore, notes: Notes): Rpc {
  const waiting = [...claims];
  const matches = new Map(claims.flatMap((claim) => claim.matches.map((match) => [match.id, match])));
  return async (name, args = {}) => {
    if (IsAsked.has(name)) return store.read(name, args);
    switch (name) {
      case "amocrm_drain_begin":
        return "granted";
      case "amocrm_drain_claim":
        return waiting.shift() ?? { ...claims.at(-1), messages: [] };
      case "amocrm_drain_match":
        return Ids.parse(args["p_ids"]).flatMap((id) => matches.get(id) ?? []);
      case "amocrm_drain_mark_sent":
      case "amocrm_drain_void_look":
        return args["p_ids"];
      case "amocrm_drain_record":
        notes.facts.push(...z.array(z.record(z.string(), z.unknown())).parse(args["p_facts"]));
        return null;
      case "amocrm_drain_settle": {
        const ends = z.array(PlannedEnd).parse(args["p_results"]);
        notes.ends.push(...ends);
        return ends.map(({ id }) => id);
      }
      case "amocrm_reserve_slot":
        return { granted: true, is_probe: false, wait_ms: 0, interval_ms: 0, code: null, message: null };
      case "amocrm_report_fault":
        return "harmless";
      case "amocrm_marker_begin":
      case "amocrm_drain_end":
      case "amocrm_drain_look_again":
        return false;
      default:
        return null;
    }
  };
}
