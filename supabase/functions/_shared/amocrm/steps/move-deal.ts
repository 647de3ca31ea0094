import type { Deal } from "../api/entities.ts";
import type { Failed } from "../api/verdict.ts";
import type { EventStage } from "../configuration.ts";
import { moveDeals } from "../drain/operations.ts";
import type { End, Reason, Result, Tools } from "../handler.ts";
import { judgeMove } from "../rules/judge-move.ts";

/** What came of a move: null if the deal stands at the stage now, why it was left, or the answer that it is not there. */
export type Moved = { reason: Reason | null } | { deletedBy: Failed };

/**
 * Moves a deal, as read in this drain, to the stage of an event, unless it stands there or further already (rule 7). Its
 * home is the one pipeline out of which the event may lead.
 */
export async function moveDeal(
  deal: Deal,
  stage: EventStage,
  homePipelineId: number | null,
  tools: Tools,
  whoNames = `amocrm_stages names for ${stage.event}`,
): Promise<Result<Moved>> {
  if (!tools.takesDeal(deal.id)) return { ok: false, end: dealInUse(deal.id) };
  const target = { pipelineId: stage.pipeline_id, statusId: stage.status_id };
  const present = deal.pipelineId === target.pipelineId && deal.statusId !== null ? [deal.statusId] : [];
  const pipeline = await tools.pipeline(target.pipelineId, [target.statusId, ...present]);
  if (!pipeline.ok) return pipeline;
  if (pipeline.value === null || !pipeline.value.stages.some(({ id }) => id === target.statusId)) {
    return { ok: false, end: noSuchStage(stage, pipeline.value !== null, whoNames) };
  }
  const judged = judgeMove(deal, target, pipeline.value, {
    homePipelineId,
    allowsBackwards: tools.configuration.settings.allow_stage_backwards,
  });
  if (!judged.moves) {
    return { ok: true, value: { reason: { code: judged.code, message: judged.message } } };
  }
  const answer = await tools.perform(moveDeals, { id: deal.id, ...target });
  if (answer.verdict === "delivered") return { ok: true, value: { reason: null } };
  return isGone(answer)
    ? { ok: true, value: { deletedBy: answer } }
    : { ok: false, end: { kind: "failed", failed: answer } };
}

/** amoCRM answers for a deleted deal with 404, or holds the id against the item; which is not documented. */
function isGone({ verdict, fault }: Failed): boolean {
  const paths = fault.items.flatMap((item) => item.faults.map(({ path }) => path));
  return verdict === "rejected" && (fault.code === "not_found" || paths.includes("id"));
}

/** Two changes of one deal must not travel in one request. */
export function dealInUse(dealId: number): End {
  return {
    kind: "waiting",
    code: "deal_in_use",
    message: `Another message of the same batch is about deal ${dealId}`,
  };
}

function noSuchStage(stage: EventStage, hasPipeline: boolean, whoNames: string): End {
  const missing = hasPipeline
    ? `status_id ${stage.status_id}, which is no stage of pipeline ${stage.pipeline_id}`
    : `pipeline_id ${stage.pipeline_id}, which the account does not have`;
  return {
    kind: "rejected",
    code: hasPipeline ? "stage_not_found" : "pipeline_not_found",
    message: `${whoNames} the ${missing}`,
  };
}
