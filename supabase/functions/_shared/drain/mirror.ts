import type { AmocrmClient } from "../amocrm/client-port.ts";
import type { Contact } from "../amocrm/entities.ts";
import type { Failed } from "../amocrm/verdict.ts";
import type { Message } from "../outbox/message.ts";
import type { Match, MirrorState, Outbox } from "../outbox/port.ts";
import type { Guard } from "./guard.ts";

/** A backlog is matched against one look for this long; a manager's changes meanwhile are the next look's. */
const FRESH_MS = 60_000;
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
 * Matches a batch against the mirror, after one look at what changed since it was last read. No look is needed if the
 * mirror was read after the youngest of the leads came in: a contact that stood in amoCRM by then is in it. A failure
 * is returned if the look stopped the drain.
 */
export async function matchBatch(
  messages: readonly Message[],
  mirror: MirrorState,
  ports: MirrorPorts,
): Promise<{ matches: Matches; stopped: Failed | null }> {
  if (!mirror.isComplete || mirror.changedUntil === null) return { matches: null, stopped: null };
  const youngestMs = Math.max(...messages.map(({ createdAt }) => Date.parse(createdAt)));
  if (mirror.ageMs > FRESH_MS || Date.parse(mirror.changedUntil) <= youngestMs) {
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
