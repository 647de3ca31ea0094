import { z } from "zod";
import { changeDeals } from "../drain/operations.ts";
import { dealInUse } from "../steps/move-deal.ts";
import { noteInstead, tellDeal } from "./tell-deal.ts";
import { toldHandler } from "./told.ts";

const Payload = z.object({ add: z.array(z.string()).default([]), remove: z.array(z.string()).default([]) });

/** Tags that the deal gets and loses; those of others stay. */
export const dealTags = toldHandler(Payload, ({ add, remove }, message, tools) =>
  tellDeal(message, tools, async ({ dealId, isNoteOnly }, own) => {
    if (isNoteOnly) {
      const names = [...add.map((name) => `+${name}`), ...remove.map((name) => `−${name}`)];
      return noteInstead(own, dealId, { heading: `Теги: ${names.join(", ")}`, values: [] }, tools);
    }
    if (own.progress.written === true) return "done";
    if (!tools.takesDeal(dealId)) return dealInUse(dealId);
    const answer = await tools.perform(changeDeals, { id: dealId, deal: { tags: add, tagsGone: remove } });
    return answer.verdict === "delivered" ? "done" : { kind: "failed", failed: answer };
  }),
);
