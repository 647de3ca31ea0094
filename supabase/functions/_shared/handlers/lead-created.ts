import type { LeadRow } from "../amocrm/lead-fields.ts";
import { createTask } from "../drain/operations.ts";
import { type Route, routeOf } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";
import { addNote } from "./add-note.ts";
import type { End, Handler, Tools } from "./handler.ts";
import { nameOf } from "./lead.ts";
import { type PlacedLead, placeLead } from "./place-lead.ts";

/** A task for a repeated lead is due within a day. */
const TASK_DUE_SECONDS = 24 * 60 * 60;

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
  const placed = await placeLead(message, lead, route, tools);
  if (!placed.ok) return placed.end;
  // A new deal that holds everything in its fields needs no note; a repeated lead always leaves one.
  const noted = await addNote(message, placed.value.dealId, placed.value.leftovers, tools);
  if (noted !== null) return noted;
  const tasked = await addTask(message, lead, route, placed.value, tools);
  if (tasked !== null) return tasked;
  return { kind: "delivered", contactId: placed.value.contactId, dealId: placed.value.dealId };
};

async function addTask(
  message: Message,
  lead: LeadRow,
  route: Route,
  placed: PlacedLead,
  tools: Tools,
): Promise<End | null> {
  const isWanted = placed.isRepeat && !placed.isWon && route.on_repeat === "note_and_task";
  if (!isWanted || message.progress.task === true) return null;
  if (message.step === createTask.name) {
    // Tasks carry no reference to look for; the note is there in any case, and a second task would be worse than none.
    await tools.record({ progress: { task: true } });
    tools.warn({
      code: "task_unconfirmed",
      message: "amoCRM's answer to the task was lost; it may be missing",
    });
    return null;
  }
  const answer = await tools.perform(createTask, {
    dealId: placed.dealId,
    text: [...`Повторная заявка: ${nameOf(lead)}`].slice(0, 250).join(""),
    completeTill: Math.floor(tools.nowMs() / 1000) + TASK_DUE_SECONDS,
    responsibleUserId: route.responsible_user_id,
  });
  return answer.verdict === "delivered" ? null : { kind: "failed", failed: answer };
}
