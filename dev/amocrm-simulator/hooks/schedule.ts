const MINUTE_MS = 60_000;

/** After a 499 or a fault of the server there are two more tries than after any other bad answer (amocrm-api 5.1). */
const WAITS_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS];
const ATTEMPTS_AFTER_REFUSAL = 3;

/** How long after a bad answer the next attempt comes; null if there is none. */
export function nextAttemptMs(attempt: number, status: number): number | null {
  const isServerFault = status === 499 || (status >= 500 && status <= 599);
  if (!isServerFault && attempt >= ATTEMPTS_AFTER_REFUSAL) return null;
  return WAITS_MS[attempt - 1] ?? null;
}
