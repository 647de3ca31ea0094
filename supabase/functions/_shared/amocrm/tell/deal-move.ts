import { z } from "zod";
import { moveDeal } from "../steps/move-deal.ts";
import { readTold, tellDeal } from "./tell-deal.ts";
import { toldHandler } from "./told.ts";

const Payload = z.object({ pipeline_id: z.int(), status_id: z.int() });

/** The deal moves to a stage: never backwards, and never out of won or lost (rule 7). Into another pipeline it may. */
export const dealMove = toldHandler(Payload, (payload, message, tools) =>
  tellDeal(message, tools, async (told) => {
    const read = await readTold(told, tools);
    if (!read.ok) return read.end;
    const deal = read.value;
    if (deal === null) return "gone";
    const stage = { event: message.kind, ...payload };
    const moved = await moveDeal(deal, stage, deal.pipelineId, tools, "The message names");
    if (!moved.ok) return moved.end;
    if ("deletedBy" in moved.value) return { kind: "failed", failed: moved.value.deletedBy };
    const { reason } = moved.value;
    // That it stands there already may be this very move, of which the answer was lost.
    if (reason === null || reason.code === "already_there") return "done";
    return { kind: "delivered", contactId: null, dealId: told.dealId, reason };
  }),
);
