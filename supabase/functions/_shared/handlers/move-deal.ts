import type { Deal } from "../amocrm/entities.ts";
import { judgeMove } from "../amocrm/judge-move.ts";
import type { Failed } from "../amocrm/verdict.ts";
import { moveDeals } from "../drain/operations.ts";
import { type EventStage, stageOf } from "../outbox/configuration.ts";
import type { End, Reason, Result, Tools } from "./handler.ts";
import { HOME_EVENT } from "./student.ts";

/** What came of a move: null if the deal stands at the stage now, why it was left, or the answer that it is not there. */
export type Moved = { reason: Reason | null } | { goneBy: Failed };

/** Moves a deal, as read in this drain, to the stage of an event, unless it stands there or further already (rule 7). */
export async function moveDeal(deal: Deal, stage: EventStage, tools: Tools): Promise<Result<Moved>> {
  if (!tools.takesDeal(deal.id)) return { ok: false, end: dealInUse(deal.id) };
  const target = { pipelineId: stage.pipeline_id, statusId: stage.status_id };
  const present = deal.pipelineId === target.pipelineId && deal.statusId !== null ? [deal.statusId] : [];
  const pipeline = await tools.pipeline(target.pipelineId, [target.statusId, ...present]);
  if (!pipeline.ok) return pipeline;
  if (pipeline.value === null || !pipeline.value.stages.some(({ id }) => id === target.statusId)) {
    return { ok: false, end: noSuchStage(stage, pipeline.value !== null) };
  }
  const judged = judgeMove(deal, target, pipeline.value, {
    homePipelineId: stageOf(tools.configuration, HOME_EVENT)?.pipeline_id ?? null,
    allowsBackwards: tools.configuration.settings.allow_stage_backwards,
  });
  if (!judged.moves) {
    return { ok: true, value: { reason: { code: judged.code, message: judged.message } } };
  }
  const answer = await tools.perform(moveDeals, { id: deal.id, ...target });
  if (answer.verdict === "delivered") return { ok: true, value: { reason: null } };
  return isGone(answer)
    ? { ok: true, value: { goneBy: answer } }
    : { ok: false, end: { kind: "failed", failed: answer } };
}

/** amoCRM answers for a deleted deal with 404, or holds the id against the item; which is not documented. */
function isGone({ verdict, fault }: Failed): boolean {
  const paths = fault.items.flatMap((item) => item.faults.map(({ path }) => path));
  return verdict === "rejected" && (fault.code === "not_found" || paths.includes("id"));
}

function dealInUse(dealId: number): End {
  return {
    kind: "waiting",
    code: "deal_in_use",
    message: `Another message of the same batch is about deal ${dealId}`,
  };
}

function noSuchStage(stage: EventStage, hasPipeline: boolean): End {
  const missing = hasPipeline
    ? `status_id ${stage.status_id}, which is no stage of pipeline ${stage.pipeline_id}`
    : `pipeline_id ${stage.pipeline_id}, which the account does not have`;
  return {
    kind: "rejected",
    code: hasPipeline ? "stage_not_found" : "pipeline_not_found",
    message: `amocrm_stages names for ${stage.event} the ${missing}`,
  };
}
