import type { Mutant } from "./mutant.ts";

/** What JSON can say and no database can store, and a sign of the private use area that carries it past `storable`. */
const UNSTORABLE = [
  { json: String.raw`\u0000`, found: /\\u0000/g, sign: "\uE010" },
  { json: String.raw`\ud83d`, found: /\\ud83d(?!\\u)/g, sign: "\uE011" },
  { json: String.raw`\udc00`, found: /\\udc00/g, sign: "\uE012" },
] as const;

/** Mistakes that show only where somebody left an odd value. */
export const MUTANTS_OF_ODD_THINGS: readonly Mutant[] = [
  {
    name: "text not made storable",
    caughtBy: 13,
    world: "harsh",
    // As if neither parseJson nor rpc had cleaned it: what amoCRM's answer says goes to the database to the letter.
    fetch: (fetch) => async (url, init) => {
      const answer = await fetch(url, init);
      if (answer.body === null) return answer;
      const body = UNSTORABLE.reduce(
        (text, { found, sign }) => text.replaceAll(found, sign),
        await answer.text(),
      );
      return new Response(body, answer);
    },
    call: (sent) => UNSTORABLE.reduce((text, { json, sign }) => text.replaceAll(sign, () => json), sent),
  },
];
