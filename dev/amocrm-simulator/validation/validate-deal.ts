import type { Deal } from "../account/models.ts";
import { LOST_STATUS_ID, WON_STATUS_ID } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { ItemReader } from "./item-reader.ts";
import type { EntityInput } from "./validate-entity.ts";
import { readEntity } from "./validate-entity.ts";

/** Incoming leads get into that stage by an API of their own. */
const UNSORTED_TYPE = 1;

/** A deal's write: the common members, the price and the place in a pipeline. */
export interface DealInput extends EntityInput {
  price: number | undefined;
  place: { pipelineId: number; statusId: number } | undefined;
  lossReasonId: number | undefined;
  closedAt: number | undefined;
}

/** Reads a deal to be made (`current` undefined) or changed. */
export function readDeal(
  world: World,
  item: ItemReader,
  options: { current: Deal | undefined; fieldsMax: number | null },
): DealInput {
  const reasons = world.store.seed.loss_reasons;
  return {
    ...readEntity(world, item, { kind: "leads", fieldsMax: options.fieldsMax }),
    price: item.number("price"),
    place: readPlace(world, item, options.current),
    lossReasonId: item.choice("loss_reason_id", (id) => reasons.some((reason) => reason.id === id)),
    closedAt: item.integer("closed_at"),
  };
}

/**
 * Where the deal goes. A stage must belong to the pipeline named, else to the deal's present one, else to the
 * main one; 142 and 143 are in every pipeline. A pipeline alone means its first stage after Unsorted. Unsorted itself and,
 * for a new deal, 143 are refused.
 */
function readPlace(world: World, item: ItemReader, current: Deal | undefined): DealInput["place"] {
  const { store, settings } = world;
  const pipelineId = item.choice("pipeline_id", (id) => store.pipeline(id) !== undefined);
  const statusId = item.integer("status_id");
  const hasBadPipeline = pipelineId === undefined && typeof item.raw("pipeline_id") === "number";
  if (hasBadPipeline) return undefined;
  if (pipelineId === undefined && statusId === undefined) return undefined;

  const homeId = pipelineId ?? current?.pipeline_id ?? store.mainPipeline().id;
  if (statusId === undefined) {
    const first = store.pipeline(homeId)?.stages.find((stage) => stage.type === 0);
    const isAlreadyThere = current?.pipeline_id === homeId;
    return first && !isAlreadyThere ? { pipelineId: homeId, statusId: first.id } : undefined;
  }
  const stage = store.stage(homeId, statusId);
  if (
    stage?.type === UNSORTED_TYPE &&
    current?.status_id !== statusId &&
    settings.writes.unsorted_stage === "refuse"
  )
    return item.fail("NotSupportedChoice", "status_id");
  if (current === undefined && statusId === LOST_STATUS_ID && settings.writes.new_lost === "refuse")
    return item.fail("NotSupportedChoice", "status_id");
  if (stage !== undefined) return { pipelineId: homeId, statusId };
  const isSystem = statusId === WON_STATUS_ID || statusId === LOST_STATUS_ID;
  if (settings.writes.status_implies_pipeline && pipelineId === undefined && !isSystem) {
    const owner = store.seed.pipelines.find((pipeline) => store.stage(pipeline.id, statusId) !== undefined);
    if (owner !== undefined) return { pipelineId: owner.id, statusId };
  }
  return item.fail("NotSupportedChoice", "status_id");
}
