import type { ContactInput } from "../validation/validate-contact.ts";
import type { DealInput } from "../validation/validate-deal.ts";
import type { Contact, Deal } from "./models.ts";
import { LOST_STATUS_ID, WON_STATUS_ID } from "./models.ts";
import type { World } from "./world.ts";

/**
 * The open deal of a known person that duplicate control would put a new one into (`merged: true`). Off by default,
 * as in most accounts; that it compares e-mail and phone and stays within the pipeline is our assumption.
 */
export function findDuplicate(
  world: World,
  contactInput: ContactInput,
  dealInput: DealInput,
): { deal: Deal; contact: Contact } | undefined {
  if (!world.settings.writes.duplicate_control) return undefined;
  const { store } = world;
  const pipelineId = dealInput.place?.pipelineId ?? store.mainPipeline().id;
  const keys = keysOf(world, contactInput.fields ?? new Map());
  if (keys.size === 0) return undefined;
  for (const contact of store.contacts.values()) {
    if (contact.is_deleted) continue;
    const isSame = [...keysOf(world, contact.fields)].some((key) => keys.has(key));
    if (!isSame) continue;
    for (const dealId of contact.deal_ids) {
      const deal = store.deals.get(dealId);
      if (deal !== undefined && isOpen(deal) && deal.pipeline_id === pipelineId) return { deal, contact };
    }
  }
  return undefined;
}

function keysOf(world: World, fields: Map<number, { value: unknown }[] | null>): Set<string> {
  const ids = ["PHONE", "EMAIL"].map((code) => world.store.fieldByCode("contacts", code)?.id);
  const values = ids.flatMap((id) => (id === undefined ? [] : (fields.get(id) ?? [])));
  return new Set(values.map(({ value }) => String(value).toLowerCase()));
}

function isOpen(deal: Deal): boolean {
  return !deal.is_deleted && deal.status_id !== WON_STATUS_ID && deal.status_id !== LOST_STATUS_ID;
}
