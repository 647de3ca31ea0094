import type { Clock } from "../platform/clock.ts";
import type { Log, LogFacts } from "../platform/log.ts";
import { type EventSeller, type OrderStore, SellerError } from "./port.ts";

/** The platform ends a call after 150 s, and the other seller has his part of it. */
const WORK_MS = 40_000;
const LEASE_SECONDS = 150;

export interface TimepadPullPorts {
  seller: EventSeller;
  store: OrderStore;
  /** The events whose turn it is. */
  due(isNightly: boolean): Promise<number[]>;
  clock: Clock;
  log: Log;
  newToken(): string;
}

/** One run: all orders of the events that are on. An order that is as we have it changes nothing, so each counts once. */
export async function pullTimepad(ports: TimepadPullPorts, isNightly: boolean): Promise<LogFacts> {
  const { store, clock, log, due } = ports;
  const events = await due(isNightly);
  const token = ports.newToken();
  const start = await store.begin(isNightly, token, LEASE_SECONDS);
  if (start === null) return { timepad: "busy" };
  const endsAtMs = clock.nowMs() + WORK_MS;
  let count = 0;
  let unreadableCount = 0;
  try {
    for (const eventId of events) {
      const read = await readEvent(ports, token, eventId, endsAtMs);
      count += read.count;
      unreadableCount += read.unreadableCount;
    }
    const hasTime = clock.nowMs() < endsAtMs;
    const error = unreadableCount > 0 ? "unreadable_orders" : hasTime ? null : "timepad_out_of_time";
    await store.end(token, start.is_nightly && hasTime, error);
    return { timepadEvents: events.length, timepadOrders: count, timepadUnreadable: unreadableCount };
  } catch (error) {
    const code = error instanceof SellerError ? error.code : "database";
    log("error", "timepad_pull_failed", { code });
    await store.end(token, false, code);
    if (!(error instanceof SellerError)) throw error;
    return { timepad: code };
  }
}

async function readEvent(
  { seller, store, clock }: TimepadPullPorts,
  token: string,
  eventId: number,
  endsAtMs: number,
): Promise<{ count: number; unreadableCount: number }> {
  const seen = new Set<string>();
  let count = 0;
  let unreadableCount = 0;
  let skip = 0;
  while (clock.nowMs() < endsAtMs) {
    const page = await seller.page(eventId, skip);
    unreadableCount += page.unreadableCount;
    const fresh = page.orders.filter(({ external_id }) => !seen.has(external_id));
    // The same page again: that is how an ignored skip looks.
    if (page.orders.length > 0 && fresh.length === 0) throw new SellerError("timepad_filter_ignored");
    for (const { external_id } of fresh) seen.add(external_id);
    count += await store.store(token, fresh, null);
    skip += page.count;
    if (page.count === 0 || skip >= page.total) break;
  }
  return { count, unreadableCount };
}
