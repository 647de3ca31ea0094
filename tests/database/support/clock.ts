import type { Session } from "./database.ts";

/** A test's own hour; far from the machine's, so that a forgotten clock shows. */
export const NOON = new Date("2031-05-05T12:00:00.000Z");

/** Milliseconds after noon, as a date. */
export const noonPlus = (ms: number): Date => new Date(NOON.getTime() + ms);

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Puts the sessions to an hour; it stands still until it is set again. */
export async function setTestClock(date: Date, ...sessions: Session[]): Promise<void> {
  await Promise.all(
    sessions.map((sql) => sql`select set_config('amocrm.test_clock', ${date.toISOString()}, false)`),
  );
}
