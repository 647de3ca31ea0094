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
import { isMarkedForUs, lookAgain, lookUpDeal } from "./look-up.ts";

/** The requests that make a deal, by the names under which they are committed before they leave. */
export const DEAL_STEPS: readonly string[] = [createDealWithContact.name, createDeal.name];

/** The deal of a lead or student, and what of the row belongs into its note. */
export interface PlacedDeal {
  contactId: number | null;
  dealId: number;
  /** The deal as it was read in this turn; null if it was made, or taken up again. */
  deal: Deal | null;
  /** The deal was there before: the person has left a lead again. */
  isRepeat: boolean;
  isWon: boolean;
  leftovers: Leftover[];
}

/**
 * Finds or makes the deal of a lead or student (rule 7): one marked for the row, else the person's freshest open one in
 * the route's pipeline, else a won one, else a new one, with its contact if the person has none. What an earlier turn
 * reached is not repeated.
 */
export async function placeDeal(
  message: Message,
  subject: LeadRow,
  route: Route,
  tools: Tools,
): Promise<Result<PlacedDeal>> {
  const doubted = DEAL_STEPS.find((step) => step === message.step);
  // A deal whose create is in doubt comes before one that is known: that one was deleted, and this was to follow it.
  if (message.dealId !== null && doubted === undefined)
    return { ok: true, value: resumed(message, message.dealId, subject, tools) };
  const pipeline = await tools.pipelineId(route.pipeline_id);
  if (!pipeline.ok) return pipeline;

  if (doubted !== undefined) {
    const look = await lookUpDeal(message, dealNameOf(subject, route), tools);
    if (!look.ok) return look;
    if (typeof look.value === "object")
      return { ok: true, value: await adopt(look.value.found, message, subject, tools) };
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
    const reused = await reuseDeal(message, subject, route, pipeline.value, contact, tools);
    if (!reused.ok) return reused;
    if (reused.value !== null) return { ok: true, value: reused.value };
  }
  const made = await makeDeal(message, subject, route, pipeline.value, contact, tools);
  return made.ok ? { ok: true, value: { ...made.value, deal: null, isRepeat: false, isWon: false } } : made;
}

async function reuseDeal(
  message: Message,
  subject: LeadRow,
  route: Route,
  pipelineId: number | null,
  contact: Contact,
  tools: Tools,
): Promise<Result<PlacedDeal | null>> {
  if (route.on_repeat === "deal" || pipelineId === null) return { ok: true, value: null };
  const deals = await readDeals(contact, tools);
  if (!deals.ok) return deals;
  // Its maker may have been cancelled before it knew of it; a manager may have lost it since, which makes it no less ours.
  const own = deals.value.find((deal) => !deal.isDeleted && isMarkedForUs(deal, message, tools));
  if (own !== undefined)
    return { ok: true, value: { ...(await adopt(own, message, subject, tools)), deal: own } };
  const { deal, why } = chooseDeal(deals.value, pipelineId);
  if (deal === null) return { ok: true, value: null };
  if (!deal.contacts.some(({ id }) => id === contact.id) && !(await isStillThere(contact, tools))) {
    return { ok: false, end: CONTACT_GONE };
  }
  const isWon = why === "won";
  await tools.record({ contactId: contact.id, dealId: deal.id, progress: { deal: "reused", isWon } });
  const leftovers = repeatLeftovers(message, subject);
  return {
    ok: true,
    value: { contactId: contact.id, dealId: deal.id, deal, isRepeat: true, isWon, leftovers },
  };
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

/** The deal is there already, from an earlier turn of this message or an earlier delivery of this row. */
function resumed(message: Message, dealId: number, subject: LeadRow, tools: Tools): PlacedDeal {
  const isRepeat = message.progress.deal === "reused";
  return {
    // The message keeps the contact that the deal was made with: the person may have another one by now.
    contactId: null,
    dealId,
    deal: null,
    isRepeat,
    isWon: message.progress.isWon === true,
    leftovers: isRepeat ? repeatLeftovers(message, subject) : newLeftovers(message, subject, tools),
  };
}

async function adopt(deal: Deal, message: Message, subject: LeadRow, tools: Tools): Promise<PlacedDeal> {
  const adopted = await adoptDeal(deal, tools);
  const leftovers = newLeftovers(message, subject, tools);
  return { ...adopted, deal: null, isRepeat: false, isWon: false, leftovers };
}

function newLeftovers(message: Message, subject: LeadRow, tools: Tools): Leftover[] {
  return [...mapLeadFields(subject, tools.configuration.fields).leftovers, ...unownedKeys(message, subject)];
}

/** The fields of a deal that was there are the manager's: all of the new lead goes into the note. */
function repeatLeftovers(message: Message, subject: LeadRow): Leftover[] {
  const phone = message.phoneKey === null ? [] : [{ path: "phone", value: message.phoneKey }];
  return [
    { path: "full_name", value: nameOf(subject) },
    ...phone,
    ...unownedKeys(message, subject),
    ...mapLeadFields(subject, []).leftovers,
  ];
}
