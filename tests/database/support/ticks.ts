import { MINUTE_MS } from "./clock.ts";
import type { Session } from "./database.ts";

/** What pg_net's worker does: takes the calls out of the queue. Answers the names of the functions that are called. */
export async function takeCalls(superuser: Session): Promise<string[]> {
  const calls = await superuser<{ url: string }[]>`delete from net.http_request_queue returning url`;
  return calls.map(({ url }) => url.slice(url.lastIndexOf("/") + 1));
}

/** What cron does each ten seconds, and pg_net after it: whether that called the edge function. All in one round trip. */
export async function tick(superuser: Session, drain: string): Promise<boolean> {
  // Begun first: a query goes out when it is first waited for.
  const ticked = superuser`select public.amocrm_tick()`.execute();
  const [, calls] = await Promise.all([ticked, takeCalls(superuser)]);
  return calls.includes(drain);
}

/** The next moment at which a drain of the queue can have something to do, by the session's clock; null if it never will. */
export async function nextDueMs(sql: Session, queue: string): Promise<number | null> {
  const [row] = await sql`
    select extract(epoch from case when bool_or(is_fresh) then amocrm.clock() else greatest(min(next_attempt_at),
      (select greatest(breaker_probe_at, cool_off_until - interval '10 seconds') from amocrm.queue_control where queue_control.queue = ${queue})) end) * 1000 as ms
    from amocrm.outbox where outbox.queue = ${queue} and (is_fresh or (is_head and state in ('pending', 'uncertain', 'leased')))`;
  return row?.["ms"] === null ? null : Number(row?.["ms"]);
}

/** The tick after that moment. */
export const tickAfter = (nowMs: number, tickMs: number): number => (Math.floor(nowMs / tickMs) + 1) * tickMs;

/**
 * After a tick that called nobody: the next tick at which a message of the queue is due or a minute begins. Ticks between
 * find what this one found; one each minute shows that it stays so.
 */
export async function nextTickMs(
  superuser: Session,
  queue: string,
  nowMs: number,
  tickMs: number,
): Promise<number> {
  const dueMs = (await nextDueMs(superuser, queue)) ?? Number.POSITIVE_INFINITY;
  const next = Math.ceil(Math.min(dueMs, tickAfter(nowMs, MINUTE_MS)) / tickMs) * tickMs;
  return Math.max(next, tickAfter(nowMs, tickMs));
}
