import { filled, type Text } from "#shared/platform/text.ts";

const SECONDS: Text = { en: "{n} s", ru: "{n} с" };
const MINUTES: Text = { en: "{n} min", ru: "{n} мин" };
const HOURS: Text = { en: "{n} h", ru: "{n} ч" };
const DAYS: Text = { en: "{n} days", ru: "{n} {n|день|дня|дней}" };

/** `3 min`, `2 ч`: how long something took or is ago, in its largest whole unit. */
export function durationOf(ms: number): Text {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return filled(SECONDS, { n: seconds });
  if (seconds < 7200) return filled(MINUTES, { n: Math.floor(seconds / 60) });
  return seconds < 172_800
    ? filled(HOURS, { n: Math.floor(seconds / 3600) })
    : filled(DAYS, { n: Math.floor(seconds / 86_400) });
}

/** How long ago something was. */
export function sinceOf(at: string, nowMs: number): Text {
  return durationOf(nowMs - Date.parse(at));
}
