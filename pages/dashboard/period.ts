const DAY_MS = 86_400_000;

/** Days from one to another, both included, as 2026-05-31. */
export interface Period {
  from: string;
  until: string;
}

const DEFAULT_DAYS = 30;
const MAX_DAYS = 800;
const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

/** The day so many days after another. */
export function plusDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

export function lengthOf({ from, until }: Period): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / DAY_MS) + 1;
}

/** The period of an address: what is missing or senseless becomes the last thirty days. */
export function periodOf(filter: Readonly<Record<string, string>>, today: string): Period {
  const until = isDay(filter["until"]) ? filter["until"] : today;
  const from = isDay(filter["from"]) ? filter["from"] : plusDays(until, 1 - DEFAULT_DAYS);
  const length = lengthOf({ from, until });
  return length < 1 || length > MAX_DAYS
    ? { from: plusDays(until, 1 - DEFAULT_DAYS), until }
    : { from, until };
}

/** The period of the same length that it is compared with; null for none. */
export function comparedOf(filter: Readonly<Record<string, string>>, period: Period): Period | null {
  const length = lengthOf(period);
  const starting = (from: string): Period => ({ from, until: plusDays(from, length - 1) });
  if (filter["compare"] === "before") return starting(plusDays(period.from, -length));
  // As many weeks as a year has: the same days of the week.
  if (filter["compare"] === "year") return starting(plusDays(period.from, -364));
  if (filter["compare"] !== "own") return null;
  const from = filter["compare_from"];
  return isDay(from) ? starting(from) : starting(plusDays(period.from, -length));
}
