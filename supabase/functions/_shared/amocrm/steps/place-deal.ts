import type { Deal } from "../api/entities.ts";
import type { Route } from "../configuration.ts";
import { createDeal, createDealWithContact } from "../drain/operations.ts";
import type { End, Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { chooseDeal } from "../rules/choose-deal.ts";
import { type LeadRow, type Leftover, mapLeadFields } from "../rules/lead-fields.ts";
import { addContactValues, withCrowded } from "./add-contact-values.ts";
import { adoptDeal, makeDeal, notOnCard } from "./creation.ts";
import { CONTACT_GONE, type FoundContact, findContact, refresh, refusedWith } from "./find-contact.ts";
import { lookAgain, lookUpDeal, ownDealAmong } from "./look-up.ts";
import { readDeals } from "./read-deals.ts";
import { dealNameOf, nameOf, unownedKeys } from "./subject.ts";

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
  /** It was taken up by its marker without a step of ours, as after a restore: what we would tell it may be there. */
  mayBeTold?: boolean;
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
  const doubted = doubtedStep(message);
  // A deal whose create is in doubt comes before one that is known: that one was deleted, and this was to follow it.
  if (message.dealId !== null && doubted === undefined)
    return { ok: true, value: resumed(message, message.dealId, subject, route, tools) };
  const pipeline = await tools.pipelineId(route.pipeline_id);
  if (!pipeline.ok) return pipeline;
  if (pipeline.value === null) return { ok: false, end: noMainPipeline(route) };

  if (doubted !== undefined) {
    const look = await lookUpDeal(message, dealNameOf(subject, route), tools);
    if (!look.ok) return look;
    if (typeof look.value === "object")
      return { ok: true, value: await adopt(look.value.found, message, subject, route, tools) };
    const again = lookAgain(message, doubted, look.value, tools);
    if (again !== null) return { ok: false, end: again };
  }
  // The mirror is as old as its last look, and what it vouches for goes by clocks: before a create is repeated amoCRM is asked.
  const finding = await findContact(message, doubted === undefined ? tools : { ...tools, match: null });
  if (!finding.ok) return finding;
  const { found, isPhoneAnothers } = finding.value;
  let known = isPhoneAnothers ? { ...message, phoneKey: null } : message;
  let contact = found?.contact ?? null;
  if (found !== null) {
    const added = await addContactValues(known, found, tools);
    if (!added.ok) return added;
    if (added.value === "gone") contact = null;
    else known = withCrowded(known, added.value);
  }
  if (found !== null && contact !== null) {
    const reused = await reuseDeal(known, subject, route, pipeline.value, found, tools);
    if (!reused.ok) return reused;
    if (reused.value !== null) return { ok: true, value: reused.value };
  }
  const made = await makeDeal(known, subject, route, pipeline.value, contact, tools);
  return made.ok ? { ok: true, value: { ...made.value, deal: null, isRepeat: false, isWon: false } } : made;
}

/** The create whose answer was lost. */
function doubtedStep({ step }: Message): string | undefined {
  return DEAL_STEPS.find((known) => known === step);
}

async function reuseDeal(
  message: Message,
  subject: LeadRow,
  route: Route,
  pipelineId: number,
  { contact, isFresh }: FoundContact,
  tools: Tools,
): Promise<Result<PlacedDeal | null>> {
  const isInDoubt = doubtedStep(message) !== undefined;
  const makesAlways = route.on_repeat === "deal";
  if (makesAlways && !isInDoubt) return { ok: true, value: null };
  const deals = await readDeals(contact.dealIds, message, tools);
  if (!deals.ok) return deals;
  // Its maker may have been cancelled before it knew of it; a manager may have lost it since, which makes it no less ours.
  const own = await ownDealAmong(deals.value, message, dealNameOf(subject, route), { isInDoubt }, tools);
  if (own !== undefined)
    return {
      ok: true,
      value: { ...(await adopt(own, message, subject, route, tools)), deal: own, mayBeTold: true },
    };
  const { deal, why } = chooseDeal(deals.value, pipelineId);
  if (deal === null || makesAlways) return { ok: true, value: null };
  if (!deal.contacts.some(({ id }) => id === contact.id)) {
    // A hint that the contact was deleted since the mirror was read.
    const read = await refresh({ contact, isFresh: false }, tools);
    if (!read.ok) return read;
    if (read.value === null) {
      // A search that shows what cannot be read may go on so for ever: this message takes it no more.
      if (isFresh) await tools.record({ progress: { refusedContactIds: refusedWith(contact.id, message) } });
      return { ok: false, end: CONTACT_GONE };
    }
  }
  const isWon = why === "won";
  await tools.record({ contactId: contact.id, dealId: deal.id, progress: { deal: "reused", isWon } });
  const leftovers = repeatLeftovers(message, subject);
  return {
    ok: true,
    value: { contactId: contact.id, dealId: deal.id, deal, isRepeat: true, isWon, leftovers },
  };
}

/** Nobody has said in which pipeline the deal is to be; made without one, a repeated lead would get a second deal. */
function noMainPipeline({ source }: Route): End {
  return {
    kind: "waiting",
    code: "no_main_pipeline",
    message: `The route ${JSON.stringify(source)} leaves the pipeline to the account, which has no main pipeline that is not archived`,
  };
}

/** The deal is there already, from an earlier turn of this message or an earlier delivery of this row. */
function resumed(message: Message, dealId: number, subject: LeadRow, route: Route, tools: Tools): PlacedDeal {
  const isRepeat = message.progress.deal === "reused";
  return {
    // The message keeps the contact that the deal was made with: the person may have another one by now.
    contactId: null,
    dealId,
    deal: null,
    isRepeat,
    isWon: message.progress.isWon === true,
    leftovers: isRepeat ? repeatLeftovers(message, subject) : newLeftovers(message, subject, route, tools),
  };
}

async function adopt(
  deal: Deal,
  message: Message,
  subject: LeadRow,
  route: Route,
  tools: Tools,
): Promise<PlacedDeal> {
  const adopted = await adoptDeal(deal, tools);
  const leftovers = newLeftovers(message, subject, route, tools);
  return { ...adopted, deal: null, isRepeat: false, isWon: false, leftovers };
}

function newLeftovers(message: Message, subject: LeadRow, route: Route, tools: Tools): Leftover[] {
  const { leftovers } = mapLeadFields(subject, tools.configuration.fields);
  return [...notOnCard(leftovers, route), ...unownedKeys(message, subject)];
}

/** The fields of a deal that was there are the manager's: all of the new lead goes into the note. */
function repeatLeftovers(message: Message, subject: LeadRow): Leftover[] {
  const unowned = unownedKeys(message, subject);
  const isToldAnyway = message.phoneKey === null || unowned.some(({ path }) => path === "phone");
  return [
    { path: "full_name", value: nameOf(subject) },
    ...(isToldAnyway ? [] : [{ path: "phone", value: message.phoneKey }]),
    ...unowned,
    ...mapLeadFields(subject, []).leftovers,
  ];
}
