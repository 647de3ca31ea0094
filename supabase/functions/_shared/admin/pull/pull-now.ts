import type { PullProgress } from "../answer.ts";
import type { AdminPorts } from "../port.ts";
import type { PullRequest } from "../request.ts";

/** Calls the pull, or tells how it stands. Reading is amocrm-pull's; this one only asks for it and watches. */
export async function pullNow(
  { mode, since, accept_deletions: acceptsDeletions }: PullRequest,
  { store, account }: Pick<AdminPorts, "store" | "account">,
): Promise<PullProgress> {
  const progress =
    mode === "start" ? await store.requestPull(since, acceptsDeletions) : await store.pullProgress();
  return { ...progress, hindrance: account.hindrance?.message ?? progress.hindrance };
}
