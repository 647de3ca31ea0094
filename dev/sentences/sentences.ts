import path from "node:path";
import type { Text } from "#shared/platform/text.ts";
import { TABLES } from "#shared/watch/all-said.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../supabase/schemas/85-watch");
const HEADER =
  "Made by `npm run migrations` from supabase/functions/_shared/watch/words; not edited by hand.";

/** The files, in the order in which they are applied, and what each holds. */
const FILES: readonly [name: string, idea: string, tables: readonly Readonly<Record<string, Text>>[]][] = [
  ["sentences-of-health.sql", "What is wrong, and what mends it, in Russian", TABLES.health],
  [
    "sentences-of-answers.sql",
    "What amoCRM and the database answer, and what setup tells, in Russian",
    TABLES.answers,
  ],
  ["sentences-of-parts.sql", "What single parts say of themselves, in Russian", TABLES.parts],
];

const PLACE = /\{(\w+)((?:\|[^{}|]*)*)\}/g;
const escaped = (words: string): string => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A row of amocrm.sentences: facts are groups in the pattern and numbered places in the Russian. */
interface Sentence {
  pattern: string;
  needle: string;
  weight: number;
  russian: string;
}

function sentenceOf({ en, ru }: Text): Sentence {
  const facts: string[] = [];
  const literals: string[] = [];
  let pattern = "";
  let weight = 0;
  let from = 0;
  const literal = (words: string): void => {
    literals.push(words);
    pattern += escaped(words);
    weight += words.length;
  };
  for (const { 0: whole, 1: name = "", 2: forms = "", index } of en.matchAll(PLACE)) {
    literal(en.slice(from, index));
    from = index + whole.length;
    if (forms !== "") {
      const words = forms.slice(1).split("|");
      pattern += `(?:${words.map(escaped).join("|")})`;
      weight += Math.min(...words.map((word) => word.length));
    } else if (facts.includes(name)) pattern += `\\${facts.indexOf(name) + 1}`;
    else {
      facts.push(name);
      pattern += "(.+?)";
    }
  }
  literal(en.slice(from));
  const russian = ru.replace(PLACE, (_, name: string, forms: string) => {
    const place = facts.indexOf(name) + 1;
    if (place === 0) throw new Error(`The English lacks {${name}}: ${en}`);
    return `{${place}${forms}}`;
  });
  const needle = literals.toSorted((a, b) => b.length - a.length)[0] ?? "";
  return { pattern: `^${pattern}$`, needle, weight, russian };
}

/** Each generated file with its text. A sentence that stands in two tables is taken from the first. */
export function sentenceFiles(): { file: string; text: string }[] {
  const seen = new Set<string>();
  return FILES.map(([name, idea, tables]) => {
    const rows = tables
      .flatMap((texts) => Object.values(texts))
      // Of the rest the translation is the sentence; but facts may have to be translated.
      .filter(({ en, ru }) => en !== ru || en.includes("{"))
      .map(sentenceOf)
      .filter(({ pattern }) => !seen.has(pattern) && seen.add(pattern))
      .map(
        ({ pattern, needle, weight, russian }) =>
          `  (${quoted(pattern)}, ${quoted(needle)}, ${weight}, ${quoted(russian)})`,
      );
    const text = `-- ${idea}.
-- ${HEADER}

insert into amocrm.sentences (pattern, needle, weight, russian) values
${rows.join(",\n")};
`;
    return { file: path.join(FOLDER, name), text };
  });
}
