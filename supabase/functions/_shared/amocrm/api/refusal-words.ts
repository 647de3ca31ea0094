import type { AmocrmRequest } from "./transport.ts";

/** Enough for what amoCRM says; it ends in rows, alerts and mails. */
const WORDS_LENGTH_MAX = 300;
/** Reasons that are passed on; a batch may be told one for each item. */
const REASONS_MAX = 5;
/** What we sent is taken out where it is repeated, word by word. Shorter words are everywhere. */
const WORD = /[\p{L}\p{N}_]{3,}/gu;
/** A code of amoCRM's and no phone, whatever we sent. */
const SHORT_NUMBER = /^\d{1,5}$/;
/** An answer that nests deeper than this says nothing readable. */
const MAX_DEPTH = 6;
const HIDDEN = "…";
/** Members whose values are ours or amoCRM's words and no person's. */
const TECHNICAL = new Set(["request_id", "field_code", "enum_code", "note_type", "entity_type", "type"]);

/**
 * What amoCRM itself says of a refusal: `title`, `detail`, a code and the texts of `errors`, in one line, short, without
 * addresses, phones and anything that we sent. Null if it says nothing.
 */
export function refusalWords(
  json: unknown,
  sent: Partial<Pick<AmocrmRequest, "body" | "query">>,
): string | null {
  if (!isObject(json)) return null;
  const said = [
    json["title"],
    json["detail"],
    json["code"] ?? json["error_code"],
    ...textsOf(json["errors"], 0),
    ...textsOf(json["validation-errors"], 0),
  ];
  const words = [...new Set(said.flatMap((one) => wordsOf(one)))].slice(0, REASONS_MAX);
  if (words.length === 0) return null;
  const clean = [...withoutPeople(words.join("; "), sentWords(sent))];
  return clean.length > WORDS_LENGTH_MAX
    ? clean.slice(0, WORDS_LENGTH_MAX).join("") + HIDDEN
    : clean.join("");
}

function wordsOf(value: unknown): string[] {
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "string") return [];
  const line = value
    .slice(0, WORDS_LENGTH_MAX * 4)
    .replace(/<[^>]*>/g, " ")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return line === "" ? [] : [line];
}

/** The texts within `errors`, which is a list, or an object by field or by id. */
function textsOf(value: unknown, depth: number): unknown[] {
  if (Array.isArray(value)) return depth < MAX_DEPTH ? value.flatMap((one) => textsOf(one, depth + 1)) : [];
  if (!isObject(value)) return [value];
  return depth < MAX_DEPTH
    ? Object.entries(value).flatMap(([name, one]) => (TECHNICAL.has(name) ? [] : textsOf(one, depth + 1)))
    : [];
}

function withoutPeople(text: string, sent: ReadonlySet<string>): string {
  return text
    .replace(/[^\s<>"'«»(),;:]+@[^\s<>"'«»(),;:]+/gu, HIDDEN)
    .replace(/\+?\d[\d\s().-]{8,}\d/g, HIDDEN)
    .replace(WORD, (word) => (sent.has(word.toLowerCase()) ? HIDDEN : word));
}

/** Every word of the request, in small letters. */
function sentWords({
  body,
  query = [],
}: Partial<Pick<AmocrmRequest, "body" | "query">>): ReadonlySet<string> {
  const texts: string[] = query.map(([, value]) => value);
  collect(body, texts, 0);
  const words = texts.flatMap((text) => text.match(WORD) ?? []);
  return new Set(words.filter((word) => !SHORT_NUMBER.test(word)).map((word) => word.toLowerCase()));
}

function collect(value: unknown, texts: string[], depth: number): void {
  if (typeof value === "string") texts.push(value);
  if (depth > MAX_DEPTH * 2 || typeof value !== "object" || value === null) return;
  for (const [name, one] of Object.entries(value)) if (!TECHNICAL.has(name)) collect(one, texts, depth + 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
