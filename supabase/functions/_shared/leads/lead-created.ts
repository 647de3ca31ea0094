import { type Route, routeOf } from "../amocrm/configuration.ts";
import type { End, Handler, Tools } from "../amocrm/handler.ts";
import type { Message } from "../amocrm/message.ts";
import type { LeadRow } from "../amocrm/rules.ts";
import {
  addNote,
  addTask,
  checkDealDeleted,
  nameOf,
  type PlacedDeal,
  phoneWarning,
  placeDeal,
} from "../amocrm/steps.ts";

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
    };
  }
  const placed = await placeDeal(message, lead, route, tools);
  if (!placed.ok) return placed.end;
  const told = await tell(message, lead, route, placed.value, tools);
  const end = await checkDealDeleted(told, placed.value.dealId, tools);
  return end === "gone" ? placeAnew(message, lead, route, placed.value, tools) : end;
};

/** What goes onto the deal besides itself: the note, and for a repeated lead the task. */
async function tell(
  message: Message,
  lead: LeadRow,
  route: Route,
  placed: PlacedDeal,
  tools: Tools,
): Promise<End> {
  // A new deal that holds everything in its fields needs no note; a repeated lead always leaves one.
  const noted = await addNote(message, placed.dealId, { values: placed.leftovers }, tools, placed.mayBeTold);
  if (noted !== null) return noted;
  const { contactId, dealId, isRepeat, isWon } = placed;
  if (isRepeat && !isWon && route.on_repeat === "note_and_task") {
    const title = `Повторная заявка: ${nameOf(lead)}`;
    const responsibleUserIds = [route.responsible_user_id, placed.deal?.responsibleUserId ?? null];
    const tasked = await addTask(message, { dealId, title, responsibleUserIds }, tools);
    if (tasked !== null) return tasked;
  }
  const warning = phoneWarning(lead);
  if (warning !== null) tools.warn(warning);
  return { kind: "delivered", contactId, dealId };
}

/** A manager deleted the deal while the lead was on its way to it: another one is found or made (rule 7). */
async function placeAnew(
  message: Message,
  lead: LeadRow,
  route: Route,
  gone: PlacedDeal,
  tools: Tools,
): Promise<End> {
  tools.warn({
    code: "deal_deleted",
    message: `Deal ${gone.dealId} was deleted in amoCRM; the lead was placed anew`,
  });
  // Whatever it had got went with it.
  await tools.record({ progress: { note: false, task: false } });
  const contactId = gone.contactId ?? message.contactId;
  const afresh: Message = { ...message, step: null, dealId: null, contactId, progress: {} };
  // The mirror was asked before the contact was made: now amoCRM itself is.
  const placed = await placeDeal(afresh, lead, route, { ...tools, match: null });
  return placed.ok ? tell(afresh, lead, route, placed.value, tools) : placed.end;
}
