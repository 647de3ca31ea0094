import type { AmocrmClient } from "../amocrm/client-port.ts";
import type { Contact } from "../amocrm/entities.ts";
import type { Failed } from "../amocrm/verdict.ts";
import type { Message } from "../outbox/message.ts";
import type { Match, MirrorState, Outbox } from "../outbox/port.ts";
import type { Guard } from "./guard.ts";

/** The first batch of a drain looks unless another has just done so: a manager may have made the contact a moment ago. */
const FRESH_FIRST_MS = 1_000;
/** The batches after it believe that look for a while, so that a backlog does not cost a look for each fifty leads. */
const FRESH_MS = 10_000;
/** amoCRM's and our clocks may differ, and its times are whole seconds. */
const OVERLAP_SECONDS = 120;
/** Two thousand changed contacts; where more changed the pull has to catch up first, and people are searched for. */
const MOST_PAGES = 8;

export interface MirrorPorts {
  client: AmocrmClient;
  outbox: Outbox;
  guard: Guard;
}

/** The contacts of a batch as the mirror tells them; null where the mirror cannot answer, so that they are searched for. */
export type Matches = ReadonlyMap<number, Match> | null;

/**
 * Matches a batch against the mirror, after one look at what changed since it was last read. Nothing is sent if the
 * mirror is fresh enough. A failure is returned if the look stopped the drain.
 */
export async function matchBatch(
  messages: readonly Message[],
  mirror: MirrorState,
  isFirst: boolean,
  ports: MirrorPorts,
): Promise<{ matches: Matches; stopped: Failed | null }> {
  if (!mirror.isComplete || mirror.changedUntil === null) return { matches: null, stopped: null };
  if (mirror.ageMs > (isFirst ? FRESH_FIRST_MS : FRESH_MS)) {
    const look = await lookAtChanges(mirror.changedUntil, mirror.askedAt, ports);
    if (look !== "through") return { matches: null, stopped: look === "unfinished" ? null : look };
  }
  const matches = await ports.outbox.match(messages.map(({ id }) => id));
  return { matches: new Map(matches.map((match) => [match.id, match])), stopped: null };
}

async function lookAtChanges(
  changedUntil: string,
  askedAt: string,
  ports: MirrorPorts,
): Promise<"through" | "unfinished" | Failed> {
  const fromSeconds = Math.floor(Date.parse(changedUntil) / 1000) - OVERLAP_SECONDS;
  const changed: Contact[] = [];
  // Latest change first: what changes meanwhile comes to the front, so a page may repeat a contact but never skips one.
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await ports.client.contactsChangedSince(fromSeconds, page);
    const stopped = await ports.guard.observe(answer);
    if (answer.verdict !== "delivered") return stopped ?? "unfinished";
    changed.push(...answer.value.rows);
    if (!answer.value.hasMore) {
      await ports.outbox.storeLook(changed, askedAt);
      return "through";
    }
  }
  await ports.outbox.storeLook(changed, null);
  return "unfinished";
}
