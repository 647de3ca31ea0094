import { cut } from "../../platform/cut.ts";

/** What a person reads, in one language: a line that says what happened, and sentences with the remedy. */
interface Wording {
  title: string;
  text: readonly string[];
}

/** A page in both languages; an amoCRM administrator reads Russian more often than not. */
export interface Page {
  status: number;
  ru: Wording;
  en: Wording;
}

const HEADERS: Readonly<Record<string, string>> = {
  // The platform turns HTML of a function into plain text unless the project has a domain of its own. So it is plain text
  // everywhere, which also leaves nothing to inject into.
  "content-type": "text/plain; charset=utf-8",
  "x-content-type-options": "nosniff",
  "content-security-policy":
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  // The page's own address holds the code and the state.
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "x-robots-tag": "noindex",
};

/** The headers of every answer to a browser: nothing is cached, framed, run, or told to the next site. */
export function browserHeaders(more: Readonly<Record<string, string>> = {}): Headers {
  return new Headers({ ...HEADERS, ...more });
}

/** The page as an answer, in both languages, the browser's own first. */
export function pageAnswer(
  page: Page,
  acceptLanguage: string | null,
  more: Readonly<Record<string, string>> = {},
): Response {
  const wordings = prefersRussian(acceptLanguage) ? [page.ru, page.en] : [page.en, page.ru];
  const body = wordings.map(({ title, text }) => [title, "", ...text, ""].join("\n")).join("\n");
  return new Response(body, { status: page.status, headers: browserHeaders(more) });
}

/** Whether Russian stands before English, or alone; without either English comes first. */
function prefersRussian(acceptLanguage: string | null): boolean {
  const weights = new Map<string, number>();
  for (const part of (acceptLanguage ?? "").slice(0, 200).split(",")) {
    const [tag = "", quality] = part
      .trim()
      .toLowerCase()
      .split(/;\s*q=/);
    const language = tag.split("-")[0] ?? "";
    const weight = quality === undefined ? 1 : Number(quality) || 0;
    weights.set(language, Math.max(weight, weights.get(language) ?? 0));
  }
  return (weights.get("ru") ?? 0) > (weights.get("en") ?? 0);
}

const NAME_MAX_CHARS = 100;

/** A name that is not ours, without what could break the line, hide or reorder text. */
export function plainName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, " ").trim();
  const shown = cut(plain, NAME_MAX_CHARS);
  return shown === plain ? plain : `${shown}…`;
}
