import { type Contact, type Deal, LOST_STATUS_ID, type Pipeline, WON_STATUS_ID } from "../../amocrm/api.ts";
import type { Choice, FoundContact, FoundDeal } from "./answer.ts";

/** A contact with its deals, the freshest first, as the operator sees them: by names and not by ids alone. */
export function shownContact(
  contact: Contact,
  by: FoundContact["by"],
  deals: readonly Deal[],
  pipelines: readonly Pipeline[],
  choice: Choice,
): FoundContact {
  return {
    id: contact.id,
    name: contact.name,
    emails: valuesOf(contact, "EMAIL"),
    phones: valuesOf(contact, "PHONE"),
    updated_at: timeOf(contact.updatedAt),
    by,
    is_used: contact.id === choice.contact_id,
    deals: deals
      .filter(({ id }) => contact.dealIds.includes(id))
      .toSorted((a, b) => b.updatedAt - a.updatedAt || b.id - a.id)
      .map((deal) => shownDeal(deal, pipelines, deal.id === choice.deal_id)),
  };
}

function shownDeal(deal: Deal, pipelines: readonly Pipeline[], isUsed: boolean): FoundDeal {
  const pipeline = pipelines.find(({ id }) => id === deal.pipelineId);
  const stage = pipeline?.stages.find(({ id }) => id === deal.statusId);
  return {
    id: deal.id,
    name: deal.name,
    pipeline_id: deal.pipelineId,
    pipeline: pipeline?.name ?? null,
    status_id: deal.statusId,
    stage: stage?.name ?? null,
    state: stateOf(deal),
    updated_at: timeOf(deal.updatedAt),
    is_used: isUsed,
  };
}

function stateOf({ isDeleted, statusId }: Deal): FoundDeal["state"] {
  if (isDeleted) return "deleted";
  if (statusId === WON_STATUS_ID) return "won";
  return statusId === LOST_STATUS_ID ? "lost" : "open";
}

function valuesOf({ fields }: Contact, fieldCode: string): string[] {
  return fields
    .filter((field) => field.fieldCode === fieldCode)
    .flatMap((field) => field.values.map(({ value }) => String(value ?? "")));
}

function timeOf(seconds: number): string | null {
  return seconds === 0 ? null : new Date(seconds * 1000).toISOString();
}
