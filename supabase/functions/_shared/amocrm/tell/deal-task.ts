import { z } from "zod";
import { addTask } from "../steps/add-task.ts";
import { noteInstead, readTold, tellDeal } from "./tell-deal.ts";
import { toldHandler } from "./told.ts";

const Payload = z.object({
  text: z.string(),
  due_in_minutes: z.int().default(24 * 60),
  responsible_user_id: z.int().nullish(),
});

/** A task on the deal, for whom it was told, else for whoever is responsible for the deal. */
export const dealTask = toldHandler(Payload, (payload, message, tools) =>
  tellDeal(message, tools, async (told, own) => {
    const { text, due_in_minutes, responsible_user_id: named = null } = payload;
    if (told.isNoteOnly)
      return noteInstead(own, told.dealId, { heading: `Задача: ${text}`, values: [] }, tools);
    const deal = named === null ? await readTold(told, tools) : null;
    if (deal !== null && !deal.ok) return deal.end;
    if (deal !== null && deal.value === null) return "gone";
    const responsibleUserIds = [named, deal?.value?.responsibleUserId ?? null];
    // From when it was told, however long it was on its way.
    const completeTill =
      Math.floor(tools.accountMs(Date.parse(message.createdAt)) / 1000) + due_in_minutes * 60;
    const task = { dealId: told.dealId, title: text, responsibleUserIds, completeTill };
    return (await addTask(own, task, tools)) ?? "done";
  }),
);
