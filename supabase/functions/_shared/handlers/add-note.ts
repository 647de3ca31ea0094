import type { Leftover } from "../amocrm/lead-fields.ts";
import { noteText } from "../amocrm/note-text.ts";
import { createNote } from "../drain/operations.ts";
import type { Message } from "../outbox/message.ts";
import type { End, Tools } from "./handler.ts";
import { referenceOf } from "./lead.ts";
import { lookAgain, lookUpNote } from "./look-up.ts";

/** Refused along with others that often, it is given up for this turn and looked for later. */
const MOST_TRIES = 8;

/**
 * Puts a note on the deal, once: what an earlier turn did is not repeated, and one whose answer was lost is looked for
 * first. Null when the note is there.
 */
export async function addNote(
  message: Message,
  dealId: number,
  leftovers: readonly Leftover[],
  tools: Tools,
): Promise<End | null> {
  if (message.progress.note === true || leftovers.length === 0) return null;
  const reference = referenceOf(message);
  let isInDoubt = message.step === createNote.name;
  let mayLookLater = isInDoubt;
  for (let round = 0; ; round++) {
    if (isInDoubt) {
      const look = await lookUpNote(dealId, reference, tools);
      if (!look.ok) return look.end;
      if (typeof look.value === "object") {
        await tools.record({ progress: { note: true } });
        return null;
      }
      const again =
        mayLookLater || look.value === "unclear"
          ? lookAgain(message, createNote.name, look.value, tools)
          : null;
      if (again !== null) return again;
    }
    const answer = await tools.perform(createNote, { dealId, text: noteText(leftovers, reference) });
    if (answer.verdict === "delivered") return null;
    if (answer.fault.code !== "batch_refused" || round >= MOST_TRIES)
      return { kind: "failed", failed: answer };
    // Refused for another item's sake: the answer is here, so one look is enough.
    isInDoubt = true;
    mayLookLater = false;
  }
}
