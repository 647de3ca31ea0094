import { chooseDeal } from "../amocrm/choose-deal.ts";
import type { Contact, Deal } from "../amocrm/entities.ts";
import { type LeadRow, type Leftover, mapLeadFields } from "../amocrm/lead-fields.ts";
import { contactKeyFields, mergeContactValues } from "../amocrm/merge-contact-values.ts";
import { noteText } from "../amocrm/note-text.ts";
import {
  createDeal,
  createDealWithContact,
  createNote,
  createTask,
  readDeal,
  updateContact,
} from "../drain/operations.ts";
import { type Route, routeOf } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";
import { type Creation, degrade } from "./degrade.ts";
import { findContact } from "./find-contact.ts";
import type { End, Handler, Result, Tools } from "./handler.ts";
import { dealNameOf, nameOf, referenceOf, textOf } from "./lead.ts";
import { lookAgain, lookUpDeal, lookUpNote } from "./look-up.ts";

/** A lead without a route waits for the admin; looked at once a minute. */
const NO_ROUTE_WAIT_MS = 60_000;
/** A task for a repeated lead is due within a day. */
const TASK_DUE_SECONDS = 24 * 60 * 60;
/** Each round leaves out at least one thing, so this bounds only a server that never stops finding faults. */
const LARGEST_DEGRADE_COUNT = 10;

/** Where the lead ended: its deal, and what of it belongs into the note. */
interface Placed {
  contactId: number | null;
  dealId: number;
  isRepeat: boolean;
  isWon: boolean;
  leftovers: Leftover[];
}

/** A new lead: contact and deal in one request, or the person's open deal again with a note (rules 2 and 7). */
export const leadCreated: Handler = async (message, tools) => {
  const lead = message.subject;
  if (lead === null) {
    return {
      kind: "superseded",
      code: "subject_deleted",
      message: "The lead was deleted before it was sent",
    };
  }
  const route = routeOf(tools.configuration, lead["source"]);
  if (route === null) {
    return {
      kind: "waiting",
      code: "no_route",
      message: `amocrm_routes has no row for source ${JSON.stringify(lead["source"] ?? null)} and none for *`,
      waitMs: NO_ROUTE_WAIT_MS,
    };
  }
  const placed = await place(message, lead, route, tools);
  if (!placed.ok) return placed.end;
  const { contactId, dealId } = placed.value;

  const noted = await addNote(message, lead, placed.value, tools);
  if (noted !== null) return noted;
  const tasked = await addTask(message, lead, route, placed.value, tools);
  if (tasked !== null) return tasked;
  return { kind: "delivered", contactId, dealId };
};

async function place(message: Message, lead: LeadRow, route: Route, tools: Tools): Promise<Result<Placed>> {
  const all = mapLeadFields(lead, []).leftovers;
  if (message.dealId !== null) return resumed(message, lead, all, tools);

  const pipeline = await tools.pipelineId(route.pipeline_id);
  if (!pipeline.ok) return pipeline;
  if (message.step === createDealWithContact.name || message.step === createDeal.name) {
    const made = await lookUpDeal(message, dealNameOf(lead, route), tools);
    if (!made.ok) return made;
    if (made.value !== null) return adopt(made.value, lead, tools);
    const again = lookAgain(message, message.step);
    if (again !== null) return { ok: false, end: again };
  }
  const contact = await findContact(message, tools);
  if (!contact.ok) return contact;
  if (contact.value === null) return createBoth(message, lead, route, pipeline.value, tools);

  const updated = await addContactValues(message, lead, contact.value, tools);
  if (updated !== null) return { ok: false, end: updated };
  if (route.on_repeat !== "deal" && pipeline.value !== null) {
    const deals = await readDeals(contact.value, tools);
    if (!deals.ok) return deals;
    const { deal, why } = chooseDeal(deals.value, pipeline.value);
    if (deal !== null) {
      await tools.record({
        contactId: contact.value.id,
        dealId: deal.id,
        progress: { deal: "reused", isWon: why === "won" },
      });
      return {
        ok: true,
        value: {
          contactId: contact.value.id,
          dealId: deal.id,
          isRepeat: true,
          isWon: why === "won",
          leftovers: all,
        },
      };
    }
  }
  return createForContact(message, lead, route, pipeline.value, contact.value, tools);
}

/** The deal is there already, from an earlier turn of this message or an earlier delivery of this lead. */
function resumed(message: Message, lead: LeadRow, all: Leftover[], tools: Tools): Result<Placed> {
  const isRepeat = message.progress.deal === "reused";
  return {
    ok: true,
    value: {
      contactId: message.contactId,
      dealId: message.dealId ?? 0,
      isRepeat,
      isWon: message.progress["isWon"] === true,
      leftovers: isRepeat ? all : mapLeadFields(lead, tools.configuration.fields).leftovers,
    },
  };
}

async function adopt(deal: Deal, lead: LeadRow, tools: Tools): Promise<Result<Placed>> {
  const contactId = deal.contacts.find((contact) => contact.isMain)?.id ?? deal.contacts[0]?.id ?? null;
  await tools.record({ contactId, dealId: deal.id, progress: { deal: "created" } });
  tools.warn({
    code: "answer_lost",
    message: `amoCRM's answer was lost; deal ${deal.id} was found by looking`,
  });
  const { leftovers } = mapLeadFields(lead, tools.configuration.fields);
  return { ok: true, value: { contactId, dealId: deal.id, isRepeat: false, isWon: false, leftovers } };
}

async function readDeals(contact: Contact, tools: Tools): Promise<Result<Deal[]>> {
  const answers = await Promise.all(contact.dealIds.map((id) => tools.perform(readDeal, id)));
  const deals: Deal[] = [];
  for (const answer of answers) {
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    if (answer.value !== null) deals.push(answer.value);
  }
  return { ok: true, value: deals };
}

function creationOf(lead: LeadRow, route: Route, pipelineId: number | null, tools: Tools): Creation {
  const fields = mapLeadFields(lead, tools.configuration.fields, { contact: 2 });
  const responsible =
    route.responsible_user_id === null ? {} : { responsibleUserId: route.responsible_user_id };
  return {
    deal: {
      name: dealNameOf(lead, route),
      ...(pipelineId === null ? {} : { pipelineId }),
      ...(route.status_id === null ? {} : { statusId: route.status_id }),
      ...responsible,
      tags: route.tags,
      fields: fields.deal,
    },
    contact: {
      name: nameOf(lead),
      ...responsible,
      fields: [...contactKeyFields({ email: textOf(lead, "email"), phone: e164Of(lead) }), ...fields.contact],
    },
    leftovers: [...fields.leftovers, ...(e164Of(lead) === null ? phoneLeftover(lead) : [])],
    warnings: [],
  };
}

async function createBoth(
  message: Message,
  lead: LeadRow,
  route: Route,
  pipelineId: number | null,
  tools: Tools,
): Promise<Result<Placed>> {
  let creation = creationOf(lead, route, pipelineId, tools);
  for (let round = 0; round < LARGEST_DEGRADE_COUNT; round++) {
    const answer = await tools.perform(createDealWithContact, {
      deal: creation.deal,
      contact: creation.contact,
    });
    if (answer.verdict === "delivered") {
      for (const warning of creation.warnings) tools.warn(warning);
      return {
        ok: true,
        value: { ...answer.value, isRepeat: false, isWon: false, leftovers: creation.leftovers },
      };
    }
    const [item] = answer.fault.items;
    const milder = answer.verdict === "rejected" && item ? degrade(creation, item) : null;
    if (milder === null) return { ok: false, end: { kind: "failed", failed: answer } };
    creation = milder;
  }
  return { ok: false, end: tooManyFaults(message) };
}

async function createForContact(
  message: Message,
  lead: LeadRow,
  route: Route,
  pipelineId: number | null,
  contact: Contact,
  tools: Tools,
): Promise<Result<Placed>> {
  let creation = creationOf(lead, route, pipelineId, tools);
  for (let round = 0; round < LARGEST_DEGRADE_COUNT; round++) {
    const answer = await tools.perform(createDeal, { deal: creation.deal, contactId: contact.id });
    if (answer.verdict === "delivered") {
      for (const warning of creation.warnings) tools.warn(warning);
      return {
        ok: true,
        value: {
          contactId: contact.id,
          dealId: answer.value.dealId,
          isRepeat: false,
          isWon: false,
          leftovers: creation.leftovers,
        },
      };
    }
    const [item] = answer.fault.items;
    const milder = answer.verdict === "rejected" && item ? degrade(creation, item) : null;
    if (milder === null) return { ok: false, end: { kind: "failed", failed: answer } };
    creation = milder;
  }
  return { ok: false, end: tooManyFaults(message) };
}

/** A phone or e-mail that the contact does not have yet is added to those it has. */
async function addContactValues(
  message: Message,
  lead: LeadRow,
  contact: Contact,
  tools: Tools,
): Promise<End | null> {
  if (message.progress.contactUpdated === true) return null;
  const fields = mergeContactValues(contact.fields, { email: textOf(lead, "email"), phone: e164Of(lead) });
  if (fields === null) return null;
  const answer = await tools.perform(updateContact, { id: contact.id, contact: { fields } });
  return answer.verdict === "delivered" ? null : { kind: "failed", failed: answer };
}

async function addNote(message: Message, lead: LeadRow, placed: Placed, tools: Tools): Promise<End | null> {
  if (message.progress.note === true) return null;
  // A new deal that holds everything in its fields needs no note; a repeated lead always leaves one.
  if (!placed.isRepeat && placed.leftovers.length === 0) return null;
  const reference = referenceOf(message);
  if (message.step === createNote.name) {
    const there = await lookUpNote(placed.dealId, reference, tools);
    if (!there.ok) return there.end;
    if (there.value) {
      await tools.record({ progress: { note: true } });
      return null;
    }
    const again = lookAgain(message, createNote.name);
    if (again !== null) return again;
  }
  const repeated = placed.isRepeat
    ? [{ path: "full_name", value: nameOf(lead) }, ...phoneLeftover(lead)]
    : [];
  const text = noteText([...repeated, ...placed.leftovers], reference);
  const answer = await tools.perform(createNote, { dealId: placed.dealId, text });
  return answer.verdict === "delivered" ? null : { kind: "failed", failed: answer };
}

async function addTask(
  message: Message,
  lead: LeadRow,
  route: Route,
  placed: Placed,
  tools: Tools,
): Promise<End | null> {
  if (
    !placed.isRepeat ||
    placed.isWon ||
    route.on_repeat !== "note_and_task" ||
    message.progress.task === true
  )
    return null;
  if (message.step === createTask.name) {
    // Tasks carry no reference to look for; the note is there in any case, and a second task would be worse than none.
    tools.warn({
      code: "task_unconfirmed",
      message: "amoCRM's answer to the task was lost; it may be missing",
    });
    return null;
  }
  const answer = await tools.perform(createTask, {
    dealId: placed.dealId,
    text: `Повторная заявка: ${nameOf(lead)}`.slice(0, 250),
    completeTill: Math.floor(tools.nowMs() / 1000) + TASK_DUE_SECONDS,
    responsibleUserId: route.responsible_user_id,
  });
  return answer.verdict === "delivered" ? null : { kind: "failed", failed: answer };
}

function e164Of(lead: LeadRow): string | null {
  const phone = textOf(lead, "phone");
  return phone?.startsWith("+") ? phone : null;
}

function phoneLeftover(lead: LeadRow): Leftover[] {
  const phone = textOf(lead, "phone");
  return phone === null ? [] : [{ path: "phone", value: phone }];
}

function tooManyFaults(message: Message): End {
  return {
    kind: "rejected",
    code: "too_many_faults",
    message: `amoCRM refused message ${message.id} again and again for different reasons`,
  };
}
