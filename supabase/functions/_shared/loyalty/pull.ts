import { z } from "zod";
import type { Inbox } from "../outbox/inbox.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log, LogFacts } from "../platform/log.ts";
import { type OrderStore, type Seller, SellerError } from "./port.ts";

/** The platform ends a call after 150 s; what is left goes on with the next one. */
const WORK_MS = 100_000;
const LEASE_SECONDS = 150;
const HINTS = 50;
const REREAD = 50;

export interface PullPorts {
  seller: Seller;
  store: OrderStore;
  inbox: Inbox;
  clock: Clock;
  log: Log;
  newToken(): string;
}

const Hint = z.object({ order_id: z.int() });

/** One run: what hooks named, what came after the last known id, and at night what may have changed. */
export async function pullOrders(ports: PullPorts, isNightly: boolean): Promise<LogFacts> {
  const { store, clock, log } = ports;
  const token = ports.newToken();
  const start = await store.begin(isNightly, token, LEASE_SECONDS);
  if (start === null) return { state: "busy" };
  const endsAtMs = clock.nowMs() + WORK_MS;
  const run = { ...ports, token, hasTime: () => clock.nowMs() < endsAtMs };
  try {
    const hints = await workHints(run);
    const pages = await readOn(run, start.last_id);
    const night = start.is_nightly ? await readAgain(run) : { count: 0, isOver: false };
    await store.end(token, night.isOver, pages.unreadableCount > 0 ? "unreadable_orders" : null);
    return { hints, orders: pages.count, reread: night.count, unreadable: pages.unreadableCount };
  } catch (error) {
    const code = error instanceof SellerError ? error.code : "database";
    log("error", "loyalty_pull_failed", { code });
    await store.end(token, false, code);
    if (!(error instanceof SellerError)) throw error;
    return { code };
  }
}

interface Run extends PullPorts {
  token: string;
  hasTime(): boolean;
}

async function workHints({ inbox, seller, store, token, hasTime }: Run): Promise<number> {
  let count = 0;
  while (hasTime()) {
    const events = await inbox.claim(HINTS, LEASE_SECONDS);
    if (events.length === 0) return count;
    const read = new Set<number>();
    for (const { id, attempt, body } of events) {
      const hint = Hint.safeParse(body);
      if (!hint.success) {
        await inbox.settle([{ id, attempt, outcome: "unreadable", error: "no_order_id" }]);
        continue;
      }
      try {
        // Many hooks of one order are one read.
        if (!read.has(hint.data.order_id)) {
          const order = await seller.order(String(hint.data.order_id));
          if (order !== null) await store.store(token, [order], null);
          read.add(hint.data.order_id);
        }
        await inbox.settle([{ id, attempt, outcome: "worked" }]);
        count += 1;
      } catch (error) {
        if (!(error instanceof SellerError)) throw error;
        await inbox.settle([{ id, attempt, outcome: "again", error: error.code }]);
        if (error.code !== "qtickets_order_unreadable") throw error;
      }
    }
  }
  return count;
}

async function readOn({ seller, store, token, hasTime }: Run, from: number) {
  let lastId = from;
  let count = 0;
  let unreadableCount = 0;
  // Until an empty page: a seller may give fewer rows than were asked for.
  while (hasTime()) {
    const page = await seller.pageAfter(lastId);
    if (page.lastId === null) break;
    count += await store.store(token, page.orders, page.lastId);
    unreadableCount += page.unreadableCount;
    lastId = page.lastId;
  }
  return { count, unreadableCount };
}

async function readAgain({ seller, store, token, hasTime }: Run) {
  let count = 0;
  while (hasTime()) {
    const ids = await store.due(REREAD);
    if (ids.length === 0) return { count, isOver: true };
    count += await store.store(token, await seller.orders(ids), null);
    // Also those that were as we had them, or that the seller has no more.
    await store.touch(ids);
  }
  return { count, isOver: false };
}
