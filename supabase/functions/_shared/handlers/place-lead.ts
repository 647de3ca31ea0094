import { chooseDeal } from "../amocrm/choose-deal.ts";
import type { Contact, Deal } from "../amocrm/entities.ts";
import { type LeadRow, type Leftover, mapLeadFields } from "../amocrm/lead-fields.ts";
import { createDeal, createDealWithContact, readDeal } from "../drain/operations.ts";
import type { Route } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";
import { addContactValues } from "./add-contact-values.ts";
import { adoptDeal, makeDeal } from "./creation.ts";
import { CONTACT_GONE, findContact, refresh } from "./find-contact.ts";
import type { Result, Tools } from "./handler.ts";
import { dealNameOf, nameOf, unownedKeys } from "./lead.ts";
import { lookAgain, lookUpDeal } from "./look-up.ts";

/** The requests that make a deal, by the names under which they are committed before they leave. */
const DEAL_STEPS: readonly string[] = [createDealWithContact.name, createDeal.name];

/** Where the lead ended: its deal, and what of it belongs into the note. */
export interface PlacedLead {
  contactId: number | null;
  dealId: number;
  /** The deal was there before: the person has left a lead again. */
  isRepeat: boolean;
  isWon: boolean;
  leftovers: Leftover[];
}

/**
 * Finds or makes the lead's deal (rule 7): the freshest open one of the person in the route's pipeline, else a won
 * one, else a new one, with its contact if the person has none. What an earlier turn reached is not repeated.
 */
export async function placeLead(
  message: Message,
  lead: LeadRow,
  route: Route,
  tools: Tools,
): Promise<Result<PlacedLead>> {
  const doubted = DEAL_STEPS.find((step) => step === message.step);
  // A deal whose create is in doubt comes before one that is known: that one was deleted, and this was to follow it.
  if (message.dealId !== null && doubted === undefined)
    return { ok: true, value: resumed(message, message.dealId, lead, tools) };
  const pipeline = await tools.pipelineId(route.pipeline_id);
  if (!pipeline.ok) return pipeline;

  if (doubted !== undefined) {
    const look = await lookUpDeal(message, dealNameOf(lead, route), tools);
    if (!look.ok) return look;
    if (typeof look.value === "object") return adopt(look.value.found, message, lead, tools);
    const again = lookAgain(message, doubted, look.value, tools);
    if (again !== null) return { ok: false, end: again };
  }
  const found = await findContact(message, tools);
  if (!found.ok) return found;
  let contact = found.value?.contact ?? null;
  if (found.value !== null) {
    const added = await addContactValues(message, found.value, tools);
    if (!added.ok) return added;
    if (added.value === "gone") contact = null;
  }
  if (contact !== null) {
    const reused = await reuseDeal(message, lead, route, pipeline.value, contact, tools);
    if (!reused.ok) return reused;
    if (reused.value !== null) return { ok: true, value: reused.value };
  }
  const made = await makeDeal(message, lead, route, pipeline.value, contact, tools);
  return made.ok ? { ok: true, value: { ...made.value, isRepeat: false, isWon: false } } : made;
}

async function reuseDeal(
  message: Message,
  lead: LeadRow,
  route: Route,
  pipelineId: number | null,
  contact: Contact,
  tools: Tools,
): Promise<Result<PlacedLead | null>> {
  if (route.on_repeat === "deal" || pipelineId === null) return { ok: true, value: null };
  const deals = await readDeals(contact, tools);
  if (!deals.ok) return deals;
  const { deal, why } = chooseDeal(deals.value, pipelineId);
  if (deal === null) return { ok: true, value: null };
  if (!deal.contacts.some(({ id }) => id === contact.id) && !(await isStillThere(contact, tools))) {
    return { ok: false, end: CONTACT_GONE };
  }
  const isWon = why === "won";
  await tools.record({ contactId: contact.id, dealId: deal.id, progress: { deal: "reused", isWon } });
  const leftovers = repeatLeftovers(message, lead);
  return { ok: true, value: { contactId: contact.id, dealId: deal.id, isRepeat: true, isWon, leftovers } };
}

/** A deal that no longer names the contact hints that the contact was deleted since the mirror was read. */
async function isStillThere(contact: Contact, tools: Tools): Promise<boolean> {
  const read = await refresh({ contact, isFresh: false }, tools);
  return !read.ok || read.value !== null;
}

/** Read fresh, whatever we knew of them: a manager may have moved or closed one a minute ago. */
async function readDeals(contact: Contact, tools: Tools): Promise<Result<Deal[]>> {
  const answers = await Promise.all(contact.dealIds.map((id) => tools.perform(readDeal, id)));
  const deals: Deal[] = [];
  for (const answer of answers) {
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    if (answer.value !== null) deals.push(answer.value);
  }
  return { ok: true, value: deals };
}

/** The deal is there already, from an earlier turn of this message or an earlier delivery of this lead. */
function resumed(message: Message, dealId: number, lead: LeadRow, tools: Tools): PlacedLead {
  const isRepeat = message.progress.deal === "reused";
  return {
    contactId: message.contactId,
    dealId,
    isRepeat,
    isWon: message.progress.isWon === true,
    leftovers: isRepeat ? repeatLeftovers(message, lead) : newLeftovers(message, lead, tools),
  };
}

async function adopt(deal: Deal, message: Message, lead: LeadRow, tools: Tools): Promise<Result<PlacedLead>> {
  const adopted = await adoptDeal(deal, tools);
  return {
    ok: true,
    value: { ...adopted, isRepeat: false, isWon: false, leftovers: newLeftovers(message, lead, tools) },
  };
}

function newLeftovers(message: Message, lead: LeadRow, tools: Tools): Leftover[] {
  return [...mapLeadFields(lead, tools.configuration.fields).leftovers, ...unownedKeys(message, lead)];
}

/** The fields of a deal that was there are the manager's: all of the new lead goes into the note. */
function repeatLeftovers(message: Message, lead: LeadRow): Leftover[] {
  const phone = message.phoneKey === null ? [] : [{ path: "phone", value: message.phoneKey }];
  return [
    { path: "full_name", value: nameOf(lead) },
    ...phone,
    ...unownedKeys(message, lead),
    ...mapLeadFields(lead, []).leftovers,
  ];
}
