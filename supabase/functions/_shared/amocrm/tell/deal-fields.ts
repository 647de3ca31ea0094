import { z } from "zod";
import { changeDeals } from "../drain/operations.ts";
import { addNote } from "../steps/add-note.ts";
import { dealInUse } from "../steps/move-deal.ts";
import { draftFields } from "./field-drafts.ts";
import { noteInstead, tellDeal } from "./tell-deal.ts";
import { toldHandler } from "./told.ts";
import { writeFields } from "./write-fields.ts";

const Payload = z.object({ values: z.record(z.string(), z.unknown()) });

/** Values of the deal's fields; what no field takes becomes a note. */
export const dealFields = toldHandler(Payload, ({ values }, message, tools) =>
  tellDeal(message, tools, async ({ dealId, isNoteOnly }, own) => {
    const drafted = draftFields(values, tools.fields.deal);
    if (isNoteOnly) {
      const all = Object.entries(values).map(([path, value]) => ({ path, value }));
      return noteInstead(own, dealId, { values: all }, tools);
    }
    if (!tools.takesDeal(dealId)) return dealInUse(dealId);
    const written = await writeFields(drafted, own, tools, (fields) =>
      tools.perform(changeDeals, { id: dealId, deal: { fields } }),
    );
    if ("end" in written) return written.end;
    return (await addNote(own, dealId, { values: written.leftovers }, tools)) ?? "done";
  }),
);
