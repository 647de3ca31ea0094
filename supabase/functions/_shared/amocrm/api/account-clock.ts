import type { AmocrmClient } from "./client-port.ts";
import type { Answer } from "./verdict.ts";

/** A clock that is off by more than this is no clock: then nothing is known of it. */
const MAX_OFFSET_MS = 86_400_000;

/** amoCRM's clock, as far as its answers tell. Its lists go by it. */
export interface AccountClock {
  /** How far it is ahead of ours; null before the first answer that tells. */
  offsetMs(): number | null;
}

/** The client, with amoCRM's clock read from each of its answers. */
export function watchAccountClock(client: AmocrmClient): {
  client: AmocrmClient;
  accountClock: AccountClock;
} {
  let known: number | null = null;
  const watched = Object.entries(client).map(([name, method]) => [
    name,
    async (...input: unknown[]) => {
      const answer = await (method as (...input: unknown[]) => Promise<Answer<unknown>>)(...input);
      const offset = answer.exchange.clockOffsetMs ?? null;
      if (offset !== null && Math.abs(offset) <= MAX_OFFSET_MS) known = Math.round(offset);
      return answer;
    },
  ]);
  return { client: Object.fromEntries(watched) as AmocrmClient, accountClock: { offsetMs: () => known } };
}
