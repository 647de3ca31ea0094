import type { Simulator } from "../../dev/amocrm-simulator/simulator.ts";

/**
 * A move of the deal was under way at some moment of that time. One that was read before a manager's edit and written
 * after it overruns that: amoCRM has no lock, so no client can prevent it, and the next read shows the move.
 */
export function isOverrun(simulator: Simulator, dealId: number, fromMs: number, untilMs: number): boolean {
  return simulator.log
    .entries()
    .filter(({ method, path }) => method === "PATCH" && path === "/api/v4/leads")
    .some(
      ({ received_at_ms: atMs, duration_ms: tookMs, body }) =>
        atMs <= untilMs &&
        atMs + (tookMs ?? Number.POSITIVE_INFINITY) >= fromMs &&
        (JSON.parse(body ?? "[]") as { id: number }[]).some(({ id }) => id === dealId),
    );
}
