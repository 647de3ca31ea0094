import { type Deal, LOST_STATUS_ID, type Pipeline, type Stage, WON_STATUS_ID } from "../api/entities.ts";

/** A stage of a pipeline; a stage's id alone is not enough, because 142 and 143 are in every pipeline. */
export interface Place {
  pipelineId: number;
  statusId: number;
}

/** What the admin lets automatic events do. */
export interface MoveRules {
  /** The pipeline where the school's deals begin: out of it an event may lead into another. */
  homePipelineId: number | null;
  allowsBackwards: boolean;
}

/** Whether a deal may be moved, and if not why; the message is for the admin. */
export type MoveVerdict = { moves: true } | { moves: false; code: string; message: string };

/**
 * Rule 7: an automatic event never moves a deal backwards in its pipeline or out of won and lost, and not out of
 * another pipeline either, where only a manager can have put it. `pipeline` is the target's, with its stages in order.
 */
export function judgeMove(deal: Deal, target: Place, pipeline: Pipeline, rules: MoveRules): MoveVerdict {
  const { pipelineId, statusId } = deal;
  const wanted = named(pipeline, target.statusId);
  if (pipelineId === target.pipelineId && statusId === target.statusId) {
    return stays("already_there", `Deal ${deal.id} stands at ${wanted} already`);
  }
  if (rules.allowsBackwards) return { moves: true };
  if (statusId === WON_STATUS_ID) return stays("deal_won", `Deal ${deal.id} is won; it was left as it is`);
  if (statusId === LOST_STATUS_ID) return stays("deal_lost", `Deal ${deal.id} is lost; it was left as it is`);
  if (pipelineId !== target.pipelineId) {
    if (pipelineId === rules.homePipelineId) return { moves: true };
    return stays(
      "deal_in_other_pipeline",
      `Deal ${deal.id} stands in pipeline ${pipelineId}, not in ${target.pipelineId}; it was left as it is`,
    );
  }
  const present = named(pipeline, statusId);
  const stands = pipeline.stages.findIndex(({ id }) => id === statusId);
  if (stands < 0) {
    return stays(
      "deal_at_unknown_stage",
      `Deal ${deal.id} stands at ${present}, which pipeline ${pipelineId} does not list`,
    );
  }
  if (stands < pipeline.stages.findIndex(({ id }) => id === target.statusId)) return { moves: true };
  return stays(
    "deal_ahead",
    `Deal ${deal.id} stands at ${present}, which is past ${wanted}; it was not moved back`,
  );
}

function stays(code: string, message: string): MoveVerdict {
  return { moves: false, code, message };
}

function named(pipeline: Pipeline, statusId: number | null): string {
  const stage: Stage | undefined = pipeline.stages.find(({ id }) => id === statusId);
  return stage === undefined ? `stage ${statusId}` : `stage ${statusId} «${stage.name}»`;
}
