import { type Configuration, routeOf } from "../configuration.ts";
import type { PLAN_REASON_CODES } from "../rules/plan-reasons.ts";
import type { PlannedClaim, PlannedMessage } from "./port.ts";
import type { Notes } from "./rehearsal.ts";

/** Why something is planned: a word, and the ids that it is about. */
interface PlanReason {
  code: (typeof PLAN_REASON_CODES)[number];
  id: number | null;
  source?: string | null;
  pipelineId?: number | null;
  statusId?: number | null;
}

/** One message with its reasons, and how its turn would end. */
export interface MessagePlan {
  id: number;
  kind: string;
  subjectTable: string;
  subjectId: string;
  reasons: PlanReason[];
  verdict: string | null;
  code: string | null;
  message: string | null;
}

type Claimed = PlannedMessage;

/** Puts together what the claim, its matches and the noted facts say of a message. */
export function reasonsOf(
  message: Claimed,
  claim: PlannedClaim,
  configuration: Configuration | null,
  notes: Notes,
): MessagePlan {
  const { id, kind, subjectTable, subjectId } = message;
  const end = notes.ends.find((one) => one.id === id) ?? null;
  const facts = notes.facts.filter((fact) => fact["id"] === id);
  return {
    id,
    kind,
    subjectTable,
    subjectId,
    reasons: [...route(message, configuration), ...contact(message, claim, facts), ...deal(message, facts)],
    verdict: end?.verdict ?? null,
    code: end?.code ?? null,
    message: end?.message ?? null,
  };
}

function route(message: Claimed, configuration: Configuration | null): PlanReason[] {
  const subject = Object(message["subject"]) as Record<string, unknown>;
  const isPlaced = message.kind.startsWith("lead.") && typeof message["dealId"] !== "number";
  if (!isPlaced || configuration === null) return [];
  const found = routeOf(configuration, subject["source"]);
  return found === null
    ? []
    : [
        {
          code: "route",
          id: null,
          source: found.source,
          pipelineId: found.pipeline_id,
          statusId: found.status_id,
        },
      ];
}

function contact(message: Claimed, claim: PlannedClaim, facts: Notes["facts"]): PlanReason[] {
  const match = claim.matches.find(({ id }) => id === message.id);
  const isServed = Object(claim["mirror"]).isComplete === true;
  const id = match?.contact?.id ?? null;
  if (isServed && id !== null && (match?.by === "link" || match?.by === "email" || match?.by === "phone"))
    return [{ code: `contact_by_${match.by}`, id }];
  const found = facts.map((fact) => fact["contact_id"]).find((value) => typeof value === "number");
  const isMade = facts.some((fact) => fact["makes_contact"] === true);
  if (typeof found === "number" && !isMade) return [{ code: "contact_by_search", id: found }];
  return [{ code: "contact_unknown", id: null }];
}

function deal(message: Claimed, facts: Notes["facts"]): PlanReason[] {
  const known = message["dealId"];
  if (typeof known === "number") return [{ code: "deal_own", id: known }];
  for (const fact of facts) {
    const progress = Object(fact["progress"]) as { deal?: unknown; isWon?: unknown };
    const id = typeof fact["deal_id"] === "number" ? fact["deal_id"] : null;
    if (progress.deal === "reused") return [{ code: progress.isWon === true ? "deal_won" : "deal_open", id }];
    if (progress.deal === "created") return [{ code: "deal_new", id: null }];
  }
  return [];
}
