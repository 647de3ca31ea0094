/** amoCRM refuses what was before (amocrm-api.md 3.7). */
const EARLIEST_SECONDS = 0;
/** Ten in the morning of UTC is the same day from Hawaii to New Zealand, whatever zone the account shows dates in. */
const SAFE_HOUR = 10;

const DAY_FIRST = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const YEAR_FIRST = /^(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

/**
 * A date as forms send it, in Unix seconds: `31.01.2026`, `2026-01-31`, either with a time, or with a zone as ISO has it.
 * A time without a zone is taken for UTC; without one a day is a day. Null for what is no date, or one that amoCRM refuses.
 */
export function parseFormDate(value: unknown, hasTime: boolean): number | null {
  const seconds = secondsOf(value, hasTime);
  return seconds === null || seconds < EARLIEST_SECONDS ? null : seconds;
}

function secondsOf(value: unknown, hasTime: boolean): number | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : null;
  if (typeof value !== "string") return null;
  const text = value.trim();
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst !== null) return atUtc([dayFirst[3], dayFirst[2], dayFirst[1]], dayFirst.slice(4), hasTime);
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) return atUtc(yearFirst.slice(1, 4), yearFirst.slice(4), hasTime);
  const isZoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(text);
  const ms = isZoned ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000);
}

function atUtc(
  [year, month, day]: readonly (string | undefined)[],
  [hour, minute, second]: readonly (string | undefined)[],
  hasTime: boolean,
): number | null {
  const time = hasTime ? [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)] : [SAFE_HOUR, 0, 0];
  const [h = 0, m = 0, s = 0] = time;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), h, m, s));
  // The thirty-first of February is none.
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && h < 24;
  return isReal ? Math.floor(date.getTime() / 1000) : null;
}
