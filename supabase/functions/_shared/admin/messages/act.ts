import type { MessagesAnswer } from "./answer.ts";
import type { Refusal } from "./port.ts";

/** Does one thing with each message, in the order given; a refusal of one stops none of the others. */
export async function actOnEach(
  ids: readonly number[],
  act: (id: number) => Promise<Refusal>,
): Promise<MessagesAnswer> {
  const messages: MessagesAnswer["messages"] = [];
  for (const id of new Set(ids)) {
    const reason = await act(id);
    messages.push({ id, outcome: reason === null ? "done" : "refused", reason });
  }
  return { ok: messages.every(({ outcome }) => outcome === "done"), messages };
}
