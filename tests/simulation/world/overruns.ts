import type { Simulator } from "#dev/amocrm-simulator/simulator.ts";
import type { LogEntry } from "#dev/amocrm-simulator/traffic/request-log.ts";

/** The requests that move deals, in the order in which amoCRM got them. */
export function movesOf(simulator: Simulator): LogEntry[] {
  return simulator.log
    .entries()
    .filter(
      ({ method, path, body = "" }) =>
        method === "PATCH" && path === "/api/v4/leads" && body.includes('"status_id"'),
    );
}

/**
 * A move of the deal was under way at some moment of that time. One that was read before a manager's edit and written
 * after it overruns that: amoCRM has no lock, so no client can prevent it, and the next read shows the move.
 */
export function isOverrun(simulator: Simulator, dealId: number, fromMs: number, untilMs: number): boolean {
  return movesOf(simulator).some(
    ({ received_at_ms: atMs, duration_ms: tookMs, body }) =>
      atMs <= untilMs && atMs + (tookMs ?? Number.POSITIVE_INFINITY) >= fromMs && isAbout(body, dealId),
  );
}

/**
 * A move of the deal that amoCRM was still at work on when the next one came: its worker had given up waiting and sent it again, so that
 * it may come true after the one that followed.
 */
export function isOvertaken(simulator: Simulator, dealId: number): boolean {
  const moves = movesOf(simulator).filter(({ body }) => isAbout(body, dealId));
  return moves.some(({ received_at_ms: atMs, duration_ms: tookMs }) =>
    moves.some(
      (next) =>
        next.received_at_ms > atMs && next.received_at_ms < atMs + (tookMs ?? Number.POSITIVE_INFINITY),
    ),
  );
}

function isAbout(body: string | undefined, dealId: number): boolean {
  return (JSON.parse(body ?? "[]") as { id: number }[]).some(({ id }) => id === dealId);
}
