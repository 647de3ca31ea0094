import { isAlike } from "../../platform/misspelling.ts";

/** One thing that can be chosen instead, as it is shown, and the names by which it can be recognised. */
export interface Choice {
  shown: string;
  names: readonly (string | null)[];
}

/** A list is for reading: beyond this many it is cut. */
const MAX_SHOWN = 8;
/** Shorter words, such as «в» or «id», are part of too many names. */
const SHORTEST_WORD = 3;
/** In shorter names two slips leave nothing to recognise. */
const SHORTEST_SLIP = 6;

/** What is probably meant by the words that are known of something missing; all there is if nothing comes near. */
export function nearest(hints: readonly (string | null | undefined)[], choices: readonly Choice[]): string {
  const known = hints.flatMap((hint) => (hint ? [hint] : []));
  const by = (isAlikeName: (hint: string, name: string) => boolean): Choice[] =>
    choices.filter(({ names }) =>
      names.some((name) => name !== null && known.some((hint) => isAlikeName(hint, name))),
    );
  const [likely] = [by(isSame), by(hasCommonWord), choices].filter((found) => found.length > 0);
  const shown = (likely ?? []).map((choice) => choice.shown);
  const rest = shown.length - MAX_SHOWN;
  return shown.length === 0 ? "—" : shown.slice(0, MAX_SHOWN).join(", ") + (rest > 0 ? ` … +${rest}` : "");
}

/** The same name but for case, punctuation and a slip or two. */
function isSame(hint: string, name: string): boolean {
  const wanted = wordsOf(hint).join("");
  const there = wordsOf(name).join("");
  return wanted !== "" && (wanted === there || (wanted.length >= SHORTEST_SLIP && isAlike(wanted, there)));
}

function hasCommonWord(hint: string, name: string): boolean {
  const there = new Set(wordsOf(name));
  return wordsOf(hint).some((word) => there.has(word));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= SHORTEST_WORD || /^\d+$/.test(word));
}
