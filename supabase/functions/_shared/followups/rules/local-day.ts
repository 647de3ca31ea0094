export interface Day {
  year: number;
  month: number;
  day: number;
}

/** The day that a date names, or on which a moment falls in a zone; null for what is neither. */
export function localDay(value: unknown, zone: string): Day | null {
  const text = typeof value === "string" ? value.trim() : "";
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (plain !== null) return checked(Number(plain[1]), Number(plain[2]), Number(plain[3]));
  const moment = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)
    ? Date.parse(text.replace(" ", "T"))
    : Number.NaN;
  if (Number.isNaN(moment)) return null;
  // Numbers only: no name of a month or zone is asked of the runtime, whose words we do not know.
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
  }).formatToParts(moment);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return checked(part("year"), part("month"), part("day"));
}

function checked(year: number, month: number, day: number): Day | null {
  const isDay = new Date(Date.UTC(year, month - 1, day)).getUTCMonth() === month - 1;
  return month >= 1 && month <= 12 && day >= 1 && isDay ? { year, month, day } : null;
}
