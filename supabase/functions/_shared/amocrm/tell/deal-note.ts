import { z } from "zod";
import { addNote } from "../steps/add-note.ts";
import { tellDeal } from "./tell-deal.ts";
import { toldHandler } from "./told.ts";

/** A note on the deal, as it was told. */
export const dealNote = toldHandler(z.object({ text: z.string() }), ({ text }, message, tools) =>
  tellDeal(
    message,
    tools,
    async ({ dealId }, own) => (await addNote(own, dealId, { heading: text, values: [] }, tools)) ?? "done",
  ),
);
