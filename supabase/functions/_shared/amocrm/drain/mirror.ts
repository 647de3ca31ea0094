import type { Guard } from "../../outbox/guard.ts";
import { LeaseLostError } from "../../outbox/port.ts";
import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import type { ChangeOrder } from "../api/entities.ts";
import type { Failed } from "../api/verdict.ts";
import type { Message } from "../message.ts";
import type { Match, MirrorState, Outbox } from "./port.ts";

/** A backlog is matched against one look for this long; a manager's changes meanwhile are the next look's. */
const FRESH_MS = 60_000;
/** A list may show a change two minutes late, its times are whole seconds, and its clock is known by a second or two. */
const OVERLAP_SECONDS = 150;
/** An answer that tells another clock by more than this makes the window another one. */
const CLOCK_MOVED_MS = 15_000;
/** Two thousand changed contacts; where more changed the pull has to catch up first, and people are searched for. */
const MAX_PAGES = 8;

export interface MirrorPorts {
  client: AmocrmClient;
  outbox: Outbox;
  guard: Guard<Failed>;
  log: Log;
  /** How far amoCRM's clock is ahead of ours. */
  offsetMs(): number;
}

/** The contacts of a batch as the mirror tells them; null where the mirror cannot answer, so that they are searched for. */
export type Matches = ReadonlyMap<number, Match> | null;

/**
 * Matches a batch against the mirror, after one look at what changed since it was last read. No look is needed if the
 * mirror was read after the youngest of the leads came in: a contact that stood in amoCRM by then is in it. A failure
 * is returned if the look stopped the drain; `isVoid` tells that the mirror should have answered and did not.
 */
export async function matchBatch(
  messages: readonly Message[],
  mirror: MirrorState,
  ports: MirrorPorts,
): Promise<{ matches: Matches; isVoid: boolean; stopped: Failed | null }> {
  if (!mirror.isComplete || mirror.changedUntil === null)
    return { matches: null, isVoid: false, stopped: null };
  const youngestMs = Math.max(...messages.map(({ createdAt }) => Date.parse(createdAt)));
  if (mirror.ageMs > FRESH_MS || Date.parse(mirror.changedUntil) <= youngestMs) {
    const look = await lookAtChanges(mirror.changedUntil, mirror.askedAt, ports);
    if (look === "unfinished") return { matches: null, isVoid: true, stopped: null };
    if (look !== "through") return { matches: null, isVoid: false, stopped: look };
  }
  const matches = await orSearch(() => ports.outbox.match(messages.map(({ id }) => id)), ports.log);
  return {
    matches: matches && new Map(matches.map((match) => [match.id, match])),
    isVoid: matches === null,
    stopped: null,
  };
}

async function lookAtChanges(
  changedUntil: string,
  askedAt: string,
  ports: MirrorPorts,
): Promise<"through" | "unfinished" | Failed> {
  let offsetMs = ports.offsetMs();
  // More than a page is read by id: what changes meanwhile then repeats a contact, but none is skipped, as rows of one second
  // may be that come in another order for each page.
  let order: ChangeOrder = "latest";
  for (let page = 1; page <= MAX_PAGES; page++) {
    const fromSeconds = Math.floor((Date.parse(changedUntil) + offsetMs) / 1000) - OVERLAP_SECONDS;
    const answer = await ports.client.contactsChangedSince(fromSeconds, page, order);
    const stopped = await ports.guard.observe(answer, { operation: "look_at_changes", messageIds: [] });
    if (answer.verdict !== "delivered") return stopped ?? "unfinished";
    const { rows, hasMore, filterIgnored } = answer.value;
    if (page === 1 && Math.abs(ports.offsetMs() - offsetMs) > CLOCK_MOVED_MS) {
      // What it told is as true, but it was asked for another time than was meant.
      offsetMs = ports.offsetMs();
      page = 0;
      continue;
    }
    // Page by page: eight of them together may be more than a worker can hold.
    const store = () => ports.outbox.storeLook(rows, hasMore ? null : askedAt).then(() => "stored");
    if ((await orSearch(store, ports.log)) === null) return "unfinished";
    if (!hasMore) return "through";
    if (order === "latest") {
      order = "id";
      page = 0;
    } else if (filterIgnored) return "unfinished";
  }
  return "unfinished";
}

/** What goes wrong with the mirror costs the mirror and not the drain: null, and people are searched for. */
async function orSearch<T>(ask: () => Promise<T>, log: Log): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    log("warn", "mirror_unusable", { error: messageOf(error) });
    return null;
  }
}
