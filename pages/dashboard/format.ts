import type { Language } from "./texts.ts";

/** Numbers and times in the language of the page, times in the reader's zone. */
export interface Format {
  number(value: number): string;
  time(iso: string | null | undefined): string;
  /** "3 minutes ago", "in 2 hours"; a dash for none. */
  ago(iso: string | null | undefined): string;
  duration(ms: number): string;
  zone: string;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

export function formatIn(language: Language): Format {
  const locale = language === "ru" ? "ru-RU" : "en-GB";
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const withUnit = (value: number, unit: string): string =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit,
      unitDisplay: "short",
      maximumFractionDigits: 1,
    }).format(value);
  return {
    number: (value) => numbers.format(value),
    time: (iso) => (iso ? times.format(new Date(iso)) : "—"),
    ago(iso) {
      if (!iso) return "—";
      const seconds = (new Date(iso).getTime() - Date.now()) / 1000;
      const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[3];
      return relative.format(Math.round(seconds / length), unit);
    },
    duration(ms) {
      if (ms < 1_000) return withUnit(Math.round(ms), "millisecond");
      const [unit, length] = UNITS.find(([, size]) => ms / 1000 >= size) ?? UNITS[3];
      return withUnit(ms / 1000 / length, unit);
    },
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
