import { type Deal, LOST_STATUS_ID, WON_STATUS_ID } from "../api/entities.ts";

/** `open`: reuse it; `won`: it gets a note only; `none`: a new deal is made. */
export type DealChoice = { deal: Deal; why: "open" | "won" } | { deal: null; why: "none" };

/**
 * Which of a person's deals a repeated lead belongs to, given the deals as read in this drain: the freshest open
 * one of the pipeline, else the freshest won one, else none. Lost and deleted deals are left alone.
 */
export function chooseDeal(deals: readonly Deal[], pipelineId: number): DealChoice {
  const candidates = deals
    .filter((deal) => !deal.isDeleted && deal.pipelineId === pipelineId)
    .sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id);
  const open = candidates.find(({ statusId }) => statusId !== WON_STATUS_ID && statusId !== LOST_STATUS_ID);
  if (open !== undefined) return { deal: open, why: "open" };
  const won = candidates.find(({ statusId }) => statusId === WON_STATUS_ID);
  return won === undefined ? { deal: null, why: "none" } : { deal: won, why: "won" };
}
