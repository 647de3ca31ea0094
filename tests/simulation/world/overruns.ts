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
      atMs <= untilMs &&
      atMs + (tookMs ?? Number.POSITIVE_INFINITY) >= fromMs &&
      (JSON.parse(body ?? "[]") as { id: number }[]).some(({ id }) => id === dealId),
  );
}
