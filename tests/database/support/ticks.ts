import { MINUTE_MS } from "./clock.ts";
import type { Session } from "./database.ts";

/** What cron does each ten seconds, and pg_net after it: whether that called the edge function. All in one round trip. */
export async function tick(superuser: Session, drain: string): Promise<boolean> {
  // Begun in this order: a query would go out when it is first waited for.
  const ticked = superuser`select public.amocrm_tick()`.execute();
  const taken = superuser<{ url: string }[]>`delete from net.http_request_queue returning url`.execute();
  const [, calls] = await Promise.all([ticked, taken]);
  return calls.some(({ url }) => url.endsWith(`/${drain}`));
}

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
  const [row] = await superuser`
    select extract(epoch from case when bool_or(is_fresh) then amocrm.clock() else greatest(min(next_attempt_at),
      (select greatest(breaker_probe_at, cool_off_until - interval '10 seconds') from amocrm.queue_control where queue_control.queue = ${queue})) end) * 1000 as ms
    from amocrm.outbox where outbox.queue = ${queue} and (is_fresh or (is_head and state in ('pending', 'uncertain', 'leased')))`;
  const dueMs = row?.["ms"] === null ? Number.POSITIVE_INFINITY : Number(row?.["ms"]);
  const minuteMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  const next = Math.ceil(Math.min(dueMs, minuteMs) / tickMs) * tickMs;
  return Math.max(next, (Math.floor(nowMs / tickMs) + 1) * tickMs);
}
