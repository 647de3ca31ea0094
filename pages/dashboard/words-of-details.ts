import type { Language } from "./texts.ts";
import { stateWord } from "./words.ts";

/** What the timeline says beside an event, piece by piece, as the database writes it. */
const PIECES: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/^source (.+)$/, (source) => `источник ${source}`],
  [/^(.+), lane live$/, (kind) => `${kind}, сразу`],
  [/^(.+), lane backfill$/, (kind) => `${kind}, из истории`],
  [/^then (\w+)$/, (state = "") => `затем: ${stateWord("ru", state).word}`],
  [/^took ([\d.]+) s$/, (seconds = "") => `длилась ${decimal(seconds)} с`],
  [/^waits ([\d.]+) s$/, (seconds = "") => `ждёт ${decimal(seconds)} с`],
  [/^goes on at this moment$/, () => "продолжится в это время"],
  [/^pipeline (\d+)$/, (id) => `воронка ${id}`],
  [/^stage (.+)$/, (name) => `этап ${name}`],
  [/^person (\d+) turned out to be this one$/, (id) => `человек ${id} оказался этим же`],
  [/^people (\d+) and (\d+)$/, (one, other) => `люди ${one} и ${other}`],
  [/^pair (\d+)$/, (id) => `пара ${id}`],
  [/^(\d+) parts?$/, (count) => `частей: ${count}`],
];
const decimal = (number: string): string => number.replace(".", ",");

/**
 * Details are facts one after the other; what is not known of them stands as it is: a code, a name, somebody's words. Behind
 * a colon the database says a sentence, which it translates itself.
 */
export async function detailWord(
  language: Language,
  detail: string,
  inWords: (sentence: string) => Promise<string>,
): Promise<string> {
  if (language === "en") return detail;
  const [, facts, sentence] = /^(pair \d+, people \d+ and \d+): (.*)$/s.exec(detail) ?? [];
  if (facts !== undefined && sentence !== undefined) return `${inPieces(facts)}: ${await inWords(sentence)}`;
  return inPieces(detail);
}

function inPieces(detail: string): string {
  return (
    pieceWord(detail) ??
    detail
      .split(", ")
      .map((piece) => pieceWord(piece) ?? piece)
      .join(", ")
  );
}

function pieceWord(piece: string): string | undefined {
  for (const [shape, word] of PIECES) {
    const found = shape.exec(piece);
    if (found !== null) return word(...found.slice(1));
  }
  return undefined;
}
