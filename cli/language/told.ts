import type { Text } from "#shared/platform/text.ts";
import { recognise } from "#shared/watch/all-said.ts";

/** As Postgres writes a time: with microseconds and an offset. */
const TIME = /\b\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}(?::?\d{2})?)/g;

/** A sentence of the functions or the database in every language, its times to the minute, by the reader's clock. */
export function told(sentence: string): Text {
  const { en, ru } = recognise(sentence);
  return { en: en.replace(TIME, minuteOf), ru: ru.replace(TIME, minuteOf) };
}

/** `2026-11-30 11:12`. What is no time after all stays. */
function minuteOf(at: string): string {
  const ms = Date.parse(at.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00"));
  // The Swedish way to write a time is the one that sorts.
  return Number.isNaN(ms) ? at : new Date(ms).toLocaleString("sv-SE").slice(0, 16);
}
