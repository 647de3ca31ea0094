import type { Deal } from "../api/entities.ts";
import { readDeal } from "../drain/operations.ts";
import type { End, Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import type { NoteContent } from "../rules/note-text.ts";
import { addNote } from "../steps/add-note.ts";
import { checkDealDeleted } from "../steps/deleted-deal.ts";
import { findDeal, type ToldDeal } from "./find-deal.ts";
import { namesDeal } from "./told.ts";

/** What is done to the deal; the end of the message, `done`, or that the deal is not there any more. */
export type Act = (told: ToldDeal, message: Message) => Promise<End | "done" | "gone">;

/**
 * Does something to the deal that a message is for. One that a manager deleted meanwhile is looked for again, unless the
 * message named that very deal.
 */
export async function tellDeal(message: Message, tools: Tools, act: Act): Promise<End> {
  const gone = new Set<number>();
  let current = message;
  for (;;) {
    const found = await findDeal(current, tools, gone);
    if (!found.ok) return found.end;
    const { dealId } = found.value;
    const end = await act(found.value, current);
    if (end === "done") return { kind: "delivered", contactId: null, dealId };
    const judged = end === "gone" ? end : await checkDealDeleted(end, dealId, tools);
    if (judged !== "gone") return judged;
    const was = `Deal ${dealId} was deleted in amoCRM`;
    if (namesDeal(message))
      return {
        kind: "superseded",
        code: "deal_deleted",
        message: `${was}, so there is no place for what was told`,
      };
    tools.warn({ code: "deal_deleted", message: `${was}; another one of the person was looked for` });
    // Whatever it had got went with it.
    await tools.record({ progress: { note: false, task: false, written: false } });
    gone.add(dealId);
    current = { ...current, step: null, dealId: null, progress: {} };
  }
}

/** The deal as it is now; null if it is gone. */
export async function readTold({ dealId, deal }: ToldDeal, tools: Tools): Promise<Result<Deal | null>> {
  if (deal !== null) return { ok: true, value: deal };
  const answer = await tools.perform(readDeal, dealId);
  if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
  return { ok: true, value: answer.value === null || answer.value.isDeleted ? null : answer.value };
}

/** A won deal that rule 7 chose takes what was told as a note. */
export async function noteInstead(
  message: Message,
  dealId: number,
  content: NoteContent,
  tools: Tools,
): Promise<End> {
  const noted = await addNote(message, dealId, content, tools);
  if (noted !== null) return noted;
  const reason = { code: "deal_won", message: `Deal ${dealId} is won; it got a note and nothing else` };
  return { kind: "delivered", contactId: null, dealId, reason };
}
