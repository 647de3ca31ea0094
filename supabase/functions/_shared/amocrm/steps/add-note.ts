import { createNote } from "../drain/operations.ts";
import type { End, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { type NoteContent, noteText } from "../rules/note-text.ts";
import { createOnce } from "./create-once.ts";
import { lookUpNote } from "./look-up.ts";
import { referenceOf } from "./subject.ts";

/** Puts a note on the deal, once. Null when it is there. */
export async function addNote(
  message: Message,
  dealId: number,
  content: NoteContent,
  tools: Tools,
  mayBeThere?: boolean,
): Promise<End | null> {
  const isEmpty = content.heading === undefined && content.values.length === 0;
  if (message.progress.note === true || isEmpty) return null;
  const reference = referenceOf(message);
  const note = {
    operation: createNote,
    input: { dealId, text: noteText(content, reference) },
    progress: { note: true as const },
    look: () => lookUpNote(dealId, reference, tools),
    mayBeThere,
  };
  return createOnce(message, note, tools);
}
