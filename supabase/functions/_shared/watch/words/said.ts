import { same, sayIn, type Text } from "../../platform/text.ts";

/** Finds a sentence of ours again, with the facts in it, and says it in every language. What it does not know stays. */
export type Recognise = (sentence: string) => Text;

interface Known {
  pattern: RegExp;
  text: Text;
  /** How much of the sentence is ours: the more, the surer. */
  weight: number;
}

const PLACE = /\{(\w+)((?:\|[^{}|]*)*)\}/g;

/**
 * The database and the functions say things in English, and keep them: alerts, reasons, notices. A reader gets them in their
 * language by the table that has each of these sentences beside its translation. Facts may be sentences in their turn.
 */
export function createRecogniser(texts: readonly Text[]): Recognise {
  const known = texts.map(knownOf).toSorted((a, b) => b.weight - a.weight);
  const recognise = (sentence: string, depth: number): Text => {
    if (depth > 4) return same(sentence);
    for (const { pattern, text } of known) {
      const found = pattern.exec(sentence);
      if (found === null) continue;
      const facts = Object.entries(found.groups ?? {}).map(([name, fact]): [string, string | Text] => [
        name,
        // Word forms need the number itself.
        /^\d+$/.test(fact) ? fact : recognise(fact, depth + 1),
      ]);
      return { en: sentence, ru: sayIn("ru")(text, Object.fromEntries(facts)) };
    }
    // A list, of which each part may be known.
    const parts = sentence.split("; ");
    return parts.length === 1
      ? same(sentence)
      : { en: sentence, ru: parts.map((part) => recognise(part, depth + 1).ru).join("; ") };
  };
  return (sentence) => recognise(sentence, 0);
}

function knownOf(text: Text): Known {
  const named = new Set<string>();
  let source = "";
  let weight = 0;
  let from = 0;
  const literal = (words: string): void => {
    source += words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    weight += words.length;
  };
  for (const match of text.en.matchAll(PLACE)) {
    const [whole, name = "", forms = ""] = match;
    literal(text.en.slice(from, match.index));
    from = match.index + whole.length;
    if (forms !== "") {
      const words = forms.slice(1).split("|");
      source += `(?:${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`;
      weight += Math.min(...words.map((word) => word.length));
    } else if (named.has(name)) source += `\\k<${name}>`;
    else {
      named.add(name);
      source += `(?<${name}>.+?)`;
    }
  }
  literal(text.en.slice(from));
  return { pattern: new RegExp(`^${source}$`, "s"), text, weight };
}
