import type { DealInput } from "../validation/validate-deal.ts";
import type { Deal } from "./models.ts";
import { LOST_STATUS_ID, WON_STATUS_ID } from "./models.ts";
import type { World } from "./world.ts";
import { applyParts, changeEntity, newEntity, touch } from "./write-entity.ts";

/** Makes a deal in the place named, else on the first stage of the main pipeline. */
export function createDeal(
  world: World,
  input: DealInput,
  options: { userId: number; isUnsorted?: boolean },
): Deal {
  const { store } = world;
  const place = input.place ?? { pipelineId: store.mainPipeline().id, statusId: 0 };
  const stages = store.pipeline(place.pipelineId)?.stages ?? [];
  const wantedType = options.isUnsorted === true ? 1 : 0;
  const fallback = stages.find((stage) => stage.type === wantedType)?.id ?? 0;
  const statusId = input.place !== undefined && options.isUnsorted !== true ? place.statusId : fallback;
  const id = store.nextId("leads");
  const deal: Deal = {
    ...newEntity(world, input, { id, userId: options.userId }),
    price: input.price ?? 0,
    pipeline_id: place.pipelineId,
    status_id: statusId,
    loss_reason_id: input.lossReasonId ?? null,
    source_id: null,
    closed_at: null,
    company_id: null,
    contacts: [],
  };
  if (deal.name === "") deal.name = `Сделка #${id}`;
  deal.closed_at = closedAt(world, deal, input);
  store.deals.set(id, deal);
  applyParts(world, deal, { kind: "leads", input, userId: options.userId, isNew: true });
  store.index("leads", deal);
  world.hooks.note("add", deal);
  store.record({ type: "lead_added", entity_id: id, entity_type: "lead", created_by: deal.created_by });
  return deal;
}

/** Changes a deal; links to contacts are not changed this way (amocrm-api 3.4). */
export function updateDeal(world: World, deal: Deal, change: { input: DealInput; userId: number }): void {
  const { input, userId } = change;
  if (input.price !== undefined && input.price !== deal.price) {
    world.store.record({
      type: "sale_field_changed",
      entity_id: deal.id,
      entity_type: "lead",
      created_by: userId,
      value_before: [{ sale_field_value: { sale: deal.price } }],
      value_after: [{ sale_field_value: { sale: input.price } }],
    });
    deal.price = input.price;
  }
  if (input.lossReasonId !== undefined) deal.loss_reason_id = input.lossReasonId;
  if (input.place !== undefined) moveDeal(world, deal, { ...input.place, userId });
  if (input.closedAt !== undefined && deal.closed_at !== null) deal.closed_at = input.closedAt;
  changeEntity(world, deal, { kind: "leads", input, userId });
  world.store.index("leads", deal);
}

/** Moves a deal to a stage; won and lost close it, any other stage opens it again. */
export function moveDeal(
  world: World,
  deal: Deal,
  move: { pipelineId: number; statusId: number; userId: number },
): void {
  if (deal.pipeline_id === move.pipelineId && deal.status_id === move.statusId) return;
  world.store.record({
    type: "lead_status_changed",
    entity_id: deal.id,
    entity_type: "lead",
    created_by: move.userId,
    value_before: [{ lead_status: { id: deal.status_id, pipeline_id: deal.pipeline_id } }],
    value_after: [{ lead_status: { id: move.statusId, pipeline_id: move.pipelineId } }],
  });
  const former = { old_status_id: deal.status_id, old_pipeline_id: deal.pipeline_id };
  deal.pipeline_id = move.pipelineId;
  deal.status_id = move.statusId;
  deal.closed_at = isClosed(deal) ? world.store.nowSeconds() : null;
  touch(world, deal, move.userId);
  world.hooks.note("status", deal, former);
}

function closedAt(world: World, deal: Deal, input: DealInput): number | null {
  return isClosed(deal) ? (input.closedAt ?? world.store.nowSeconds()) : null;
}

function isClosed(deal: Deal): boolean {
  return deal.status_id === WON_STATUS_ID || deal.status_id === LOST_STATUS_ID;
}
