import type { Unreadable } from "../../outbox/claimed.ts";
import { failureText, HANDLER_FAILED } from "../../outbox/handler-failed.ts";
import { oneByOne } from "./one-by-one.ts";
import type { Outbox, Settlement } from "./port.ts";

/** Settles messages in one call; one whose end the database cannot hold is settled as stumbled over, and the others as told. */
export async function settleEach(
  outbox: Pick<Outbox, "settle">,
  token: string,
  settlements: readonly Settlement[],
): Promise<Set<number>> {
  const settled = new Set<number>();
  const settle = async (some: readonly Settlement[]) => {
    for (const id of await outbox.settle(token, some)) settled.add(id);
  };
  const refused = await oneByOne(settlements, settle);
  if (refused.length > 0) await settle(refused.map(({ row, cause }) => stumbled(row, cause)));
  return settled;
}

/** A claimed message that this version of the function cannot read. */
export function unreadableSettlement({ id, isUnanswered }: Unreadable, jitter: number): Settlement {
  const cause = new TypeError("The claimed message cannot be read");
  return stumbled({ id, verdict: isUnanswered ? "uncertain" : "retry", jitter }, cause);
}

/** Nothing of what the turn told, except whether something is outstanding. */
function stumbled(
  { id, verdict, jitter }: Pick<Settlement, "id" | "verdict" | "jitter">,
  cause: unknown,
): Settlement {
  return {
    id,
    verdict: verdict === "uncertain" ? "uncertain" : "retry",
    policy: HANDLER_FAILED,
    isSent: false,
    spendsAttempt: true,
    toldWaitMs: null,
    jitter,
    code: HANDLER_FAILED,
    message: failureText(cause),
    contactId: null,
    dealId: null,
    progress: {},
    warnings: [],
    duplicates: [],
    loneOperation: null,
    failedInCompany: false,
    answered: [],
  };
}
