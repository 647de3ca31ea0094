import type { Text } from "../platform/text.ts";
import { recognise } from "./all-said.ts";
import { minuteIn } from "./mails/minute.ts";

/** As Postgres writes a time into a sentence. */
const STORED_TIME = /\b\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}(?::\d{2})?)/g;

/** A time of the database to the minute, by the clock of a zone. */
export function minuteOf(at: string, timeZone: string): string {
  return minuteIn(new Date(at.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00")), timeZone);
}

/** Says sentences of the database in every language, their times to the minute. */
export function tellingIn(timeZone: string): (sentence: string) => Text {
  const byTheClock = (text: string): string => text.replace(STORED_TIME, (at) => minuteOf(at, timeZone));
  return (sentence) => {
    const { en, ru } = recognise(sentence);
    return { en: byTheClock(en), ru: byTheClock(ru) };
  };
}
