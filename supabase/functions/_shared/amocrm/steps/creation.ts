import type { ContactDraft, DealDraft } from "../api/drafts.ts";
import type { Contact, Deal } from "../api/entities.ts";
import type { Answer, ItemFault } from "../api/verdict.ts";
import type { Route } from "../configuration.ts";
import { createDeal, createDealWithContact } from "../drain/operations.ts";
import type { Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { type LeadRow, type Leftover, mapLeadFields } from "../rules/lead-fields.ts";
import { contactKeyFields } from "../rules/merge-contact-values.ts";
import { type Creation, dropRefused, unfitWarning } from "./drop-refused.ts";
import { CONTACT_GONE, refusedWith } from "./find-contact.ts";
import { type Look, lookLater, lookUpDeal } from "./look-up.ts";
import { dealNameOf, nameOf, unownedKeys } from "./subject.ts";

/** Each round leaves out at least one thing, so this bounds only a server that never stops finding faults. */
const MAX_REDUCTIONS = 10;
const TOO_LARGE: readonly number[] = [413, 414];
/** EMAIL and PHONE take two of the 40 values that amoCRM allows per contact. */
const RESERVED_CONTACT_VALUES = 2;

/** A deal that now stands in amoCRM for a lead or student, and what of the row belongs into its note. */
export interface MadeDeal {
  contactId: number | null;
  dealId: number;
  leftovers: Leftover[];
}

/** Makes the deal of a lead or student: with its contact in one request, or for a contact that exists. */
export function makeDeal(
  message: Message,
  subject: LeadRow,
  route: Route,
  pipelineId: number,
  contact: Contact | null,
  tools: Tools,
): Promise<Result<MadeDeal>> {
  const creation = creationOf(message, subject, route, pipelineId, tools);
  const lookUp = () => lookUpDeal(message, dealNameOf(subject, route), tools);
  return contact === null
    ? createWithoutRefusedFields(
        creation,
        tools,
        lookUp,
        refusedWith(null, message),
        ({ deal, contact: draft }) => tools.perform(createDealWithContact, { deal, contact: draft }),
      )
    : createWithoutRefusedFields(
        creation,
        tools,
        lookUp,
        refusedWith(contact.id, message),
        async ({ deal }) => {
          const answer = await tools.perform(createDeal, { deal, contactId: contact.id });
          return answer.verdict === "delivered"
            ? { ...answer, value: { ...answer.value, contactId: contact.id } }
            : answer;
        },
      );
}

/** Takes over a deal that was made for the row although no answer said so. */
export async function adoptDeal(
  deal: Deal,
  tools: Tools,
): Promise<{ dealId: number; contactId: number | null }> {
  const contactId = deal.contacts.find((contact) => contact.isMain)?.id ?? deal.contacts[0]?.id ?? null;
  await tools.record({ contactId, dealId: deal.id, progress: { deal: "created" } });
  tools.warn({
    code: "answer_lost",
    message: `amoCRM's answer was lost; deal ${deal.id} was found by looking`,
  });
  return { dealId: deal.id, contactId };
}

/** Sends, and as long as amoCRM refuses content, sends again without what it refused. */
async function createWithoutRefusedFields(
  whole: Creation,
  tools: Tools,
  lookUp: () => Promise<Result<Look<Deal>>>,
  refusedContactIds: number[],
  send: (creation: Creation) => Promise<Answer<{ dealId: number; contactId: number | null }>>,
): Promise<Result<MadeDeal>> {
  let creation = whole;
  for (let round = 0; ; round++) {
    const answer = await send(creation);
    if (answer.verdict === "delivered") {
      for (const warning of creation.warnings) tools.warn(warning);
      return { ok: true, value: { ...answer.value, leftovers: creation.leftovers } };
    }
    if (answer.fault.code === "batch_refused" && round < MAX_REDUCTIONS) {
      const look = await lookUp();
      if (!look.ok) return look;
      if (typeof look.value === "object") {
        return {
          ok: true,
          value: { ...(await adoptDeal(look.value.found, tools)), leftovers: creation.leftovers },
        };
      }
      if (look.value === "unclear") return { ok: false, end: { kind: "failed", failed: answer } };
      // Whoever finds a request too large has read nothing of it.
      if (TOO_LARGE.includes(answer.exchange.httpStatus ?? 0)) continue;
      return { ok: false, end: lookLater("the deal", answer, tools) };
    }
    const [item] = answer.fault.items;
    const reduced =
      answer.verdict === "rejected" && item && round < MAX_REDUCTIONS ? dropRefused(creation, item) : null;
    if (reduced === null && answer.verdict === "rejected" && namesContact(item)) {
      // Deleted in amoCRM since the mirror was read: the link goes, and the next turn finds or makes another.
      // Its search may go on showing it: this message takes it no more.
      await tools.record({ dropsContact: true, progress: { refusedContactIds } });
      return { ok: false, end: CONTACT_GONE };
    }
    if (reduced === null) return { ok: false, end: { kind: "failed", failed: answer } };
    creation = reduced;
  }
}

/** Without what a tag of the new deal says already: a note of nothing else is one request less. */
export function notOnCard(leftovers: readonly Leftover[], { tags }: Pick<Route, "tags">): Leftover[] {
  return leftovers.filter(({ value }) => typeof value !== "string" || !tags.includes(value));
}

function namesContact(item: ItemFault | undefined): boolean {
  return item?.faults.some(({ path }) => /^_embedded\.contacts\.0(\.id)?$/.test(path)) ?? false;
}

function creationOf(
  message: Message,
  subject: LeadRow,
  route: Route,
  pipelineId: number,
  tools: Tools,
): Creation {
  const fields = mapLeadFields(subject, tools.configuration.fields, { contact: RESERVED_CONTACT_VALUES });
  const responsible =
    route.responsible_user_id === null ? {} : { responsibleUserId: route.responsible_user_id };
  const deal: DealDraft = {
    name: dealNameOf(subject, route),
    pipelineId,
    ...(route.status_id === null ? {} : { statusId: route.status_id }),
    ...responsible,
    tags: route.tags,
    fields: fields.deal,
  };
  const contact: ContactDraft = {
    name: nameOf(subject),
    ...responsible,
    fields: [...contactKeyFields({ email: message.emailKey, phone: message.phoneKey }), ...fields.contact],
  };
  const leftovers = [...notOnCard(fields.leftovers, route), ...unownedKeys(message, subject)];
  return { deal, contact, leftovers, warnings: fields.unfit.map(unfitWarning) };
}
