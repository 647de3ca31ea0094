import type { Deal } from "../api/entities.ts";
import type { Failed } from "../api/verdict.ts";
import { readDeal } from "../drain/operations.ts";
import type { Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";

/** So often in a row a deal has to come in a shape that cannot be read before it is passed over. */
const UNREADABLE_AFTER_COUNT = 5;

/** A person's deals, read fresh, whatever we knew of them: a manager may have moved or closed one a minute ago. */
export async function readDeals(
  ids: readonly number[],
  message: Pick<Message, "errorCount">,
  tools: Tools,
): Promise<Result<Deal[]>> {
  const answers = await Promise.all(
    ids.map(async (id) => ({ id, answer: await tools.perform(readDeal, id) })),
  );
  const deals: Deal[] = [];
  for (const { id, answer } of answers) {
    if (answer.verdict === "delivered") {
      if (answer.value !== null) deals.push(answer.value);
    } else if (isUnreadable(answer, message)) {
      tools.warn({
        code: "deal_unreadable",
        message: `Deal ${id} of this person cannot be read as amoCRM returns it, so it was passed over; look whether this belongs to it`,
      });
    } else return { ok: false, end: { kind: "failed", failed: answer } };
  }
  return { ok: true, value: deals };
}

/** An answer that stays of an unknown shape is the row's own: waiting would not mend it, and what is to be told is to arrive. */
function isUnreadable({ fault }: Failed, { errorCount }: Pick<Message, "errorCount">): boolean {
  return fault.code === "unexpected_answer" && errorCount >= UNREADABLE_AFTER_COUNT;
}
