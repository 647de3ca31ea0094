import type { Delivery } from "../../outbox/inbox.ts";
import { parseJson } from "../../platform/json.ts";
import { storable } from "../../platform/storable.ts";

/** The fields of a form by the names that its author gave them; a name that occurs several times has a list. */
export type Fields = Map<string, unknown>;

/** No form has so many; what a robot sends beyond is left out. */
const FIELDS_MAX = 500;
const NAME_MAX = 200;
const VALUE_MAX = 10_000;

/** Where senders put the fields of a JSON body, when not at its top. */
const ENVELOPES = ["data", "lead", "payload", "fields", "form", "order"];
/** How a list names the fields in it, such as Taplink's records and VK's answers. */
const LABELS = ["name", "title", "label", "question", "key"];
const VALUES = ["value", "answer"];

/** Takes a body apart, whatever it is; null if it is of a form that says what it is and is not that. */
export async function readFields({ request, bytes, text }: Delivery): Promise<Fields | null> {
  const type = request.headers.get("content-type")?.toLowerCase() ?? "";
  // GetCourse calls with all it has to say in the address, and nothing in the body.
  if (bytes.length === 0) return gathered(new URL(request.url).searchParams);
  if (type.includes("multipart/form-data")) return await readMultipart(bytes, request.headers);
  const decoder = olderDecoder(type);
  const decoded = decoder === null ? text : storable(decoder.decode(bytes));
  // Some say nothing of what they send, or say that JSON is a form.
  if (type.includes("json") || /^\s*[{[]/.test(decoded)) return readJson(decoded);
  return gathered(decoder === null ? new URLSearchParams(decoded) : olderPairs(bytes, decoder));
}

/** For a sender that still writes in the encoding of older Russian pages, and says so. */
function olderDecoder(type: string): TextDecoder | null {
  const charset = /charset="?(windows-1251|cp1251|koi8-r)\b/.exec(type)?.[1];
  return charset === undefined ? null : new TextDecoder(charset === "cp1251" ? "windows-1251" : charset);
}

/** A letter for each byte, by its number; the decoder of that name would take some bytes for other letters. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192)
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return text;
}

/** What is written in percent are bytes of that encoding too. */
function olderPairs(bytes: Uint8Array, decoder: TextDecoder): [string, string][] {
  const decode = (part: string) => {
    const raw = part
      .replaceAll("+", " ")
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return storable(decoder.decode(Uint8Array.from(raw, (letter) => letter.charCodeAt(0))));
  };
  const pairs: [string, string][] = [];
  for (const pair of latin1(bytes).split("&")) {
    const at = pair.indexOf("=");
    if (pair !== "")
      pairs.push([decode(at < 0 ? pair : pair.slice(0, at)), at < 0 ? "" : decode(pair.slice(at + 1))]);
  }
  return pairs;
}

async function readMultipart(bytes: BodyInit, headers: Headers): Promise<Fields | null> {
  const contentType = headers.get("content-type") ?? "";
  try {
    const form = await new Response(bytes, { headers: { "content-type": contentType } }).formData();
    // Of a file its name says that it was there.
    return gathered([...form].map(([name, value]) => [name, typeof value === "string" ? value : value.name]));
  } catch {
    return null;
  }
}

function gathered(pairs: Iterable<readonly [string, string]>): Fields {
  const fields: Fields = new Map();
  for (const [name, value] of pairs) add(fields, name, value);
  return fields;
}

function readJson(text: string): Fields | null {
  const json = parseJson(text);
  if (typeof json !== "object" || json === null) return null;
  const fields: Fields = new Map();
  if (Array.isArray(json)) addLabelled(fields, json);
  else addEntries(fields, json);
  for (const name of ENVELOPES) {
    const inner = fields.get(name);
    if (typeof inner !== "object" || inner === null) continue;
    fields.delete(name);
    if (Array.isArray(inner)) addLabelled(fields, inner);
    else addEntries(fields, inner);
  }
  return fields;
}

function addEntries(fields: Fields, object: object): void {
  for (const [name, value] of Object.entries(object)) {
    add(fields, name, value);
    if (Array.isArray(value) && value.some((item) => typeof item === "object")) addLabelled(fields, value);
  }
}

/** A list of `{title, value}` and the like. */
function addLabelled(fields: Fields, list: readonly unknown[]): void {
  for (const item of list.slice(0, FIELDS_MAX)) {
    if (typeof item !== "object" || item === null) continue;
    const entries = new Map<string, unknown>(Object.entries(item));
    const label = LABELS.map((name) => entries.get(name)).find((name) => typeof name === "string");
    const value = VALUES.map((name) => entries.get(name)).find((one) => one !== undefined);
    if (typeof label === "string" && value !== undefined && !fields.has(label)) add(fields, label, value);
  }
}

function add(fields: Fields, name: string, value: unknown): void {
  const short = name.slice(0, NAME_MAX);
  const known = fields.get(short);
  if (known === undefined && fields.size >= FIELDS_MAX) return;
  const cut = typeof value === "string" ? value.slice(0, VALUE_MAX) : value;
  if (cut === null || cut === "") {
    // An empty one says nothing, but that the form has it helps to map it.
    if (known === undefined) fields.set(short, "");
    return;
  }
  if (known === undefined || known === "") fields.set(short, cut);
  else if (Array.isArray(known)) {
    if (known.length < FIELDS_MAX) known.push(cut);
  } else fields.set(short, [known, cut]);
}

/** The first plain text of a field, whatever case its name is written in; null if there is none. */
export function textOf(fields: Fields, name: string): string | null {
  for (const [known, value] of fields) {
    if (known.toLowerCase() !== name) continue;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === "string" && first !== "") return first;
    if (typeof first === "number") return String(first);
  }
  return null;
}
