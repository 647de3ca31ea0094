import { routeOf } from "../outbox/configuration.ts";
import { addNote } from "./add-note.ts";
import { addTask } from "./add-task.ts";
import type { Handler } from "./handler.ts";
import { nameOf } from "./lead.ts";
import { placeLead } from "./place-lead.ts";

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
  const { dealId, isRepeat, isWon } = placed.value;
  if (isRepeat && !isWon && route.on_repeat === "note_and_task") {
    const title = `Повторная заявка: ${nameOf(lead)}`;
    const task = { dealId, title, responsibleUserId: route.responsible_user_id };
    const tasked = await addTask(message, task, tools);
    if (tasked !== null) return tasked;
  }
  return { kind: "delivered", contactId: placed.value.contactId, dealId };
};
