/** What is the same in every language: commands, SQL, code, paths, names, places in angle brackets, quotations. */
const NAMES =
  /\bnp[mx] [^\n.;→]*|\bsupabase (?:secrets|functions|db) \w+|\b(?:select|update|insert|delete|alter|create|drop|set session|vacuum)\b[^\n→]*|«[^»]*»|"[^"]*"|`[^`]*`|<[^<>]*>|https?:\S+|docs\/\S+|--[\w-]+|\b[\w-]*[_/.=][\w./=:-]*|\b[A-Z][\w-]*|amoCRM/g;

/**
 * The English sentences in an output that is to be Russian: three words of small Latin letters in a row, with one space
 * between, since columns have more. An empty list is
 * what a test wants.
 */
export function englishIn(output: string): string[] {
  return output
    .split("\n")
    .map((line) => line.replace(NAMES, " ¤ "))
    .flatMap((line) =>
      [...line.matchAll(/\b[a-z][a-z']+(?:[,:;]? [a-z][a-z']+){2,}/g)].map(([words]) => words),
    );
}
