import type { JsonObject } from "../json.ts";
import { isObject } from "../json.ts";
import type { Issue } from "../routes/problem.ts";

/** Reads one item of a request body member by member and collects what is wrong with it. */
export class ItemReader {
  readonly issues: Issue[];
  readonly #item: JsonObject;
  readonly #prefix: string;

  constructor(item: JsonObject, prefix = "", issues: Issue[] = []) {
    this.#item = item;
    this.#prefix = prefix;
    this.issues = issues;
  }

  has(key: string): boolean {
    return this.#item[key] !== undefined;
  }

  raw(key: string): unknown {
    return this.#item[key];
  }

  path(key: string): string {
    return this.#prefix + key;
  }

  fail(code: Issue["code"], key: string): undefined {
    this.issues.push({ code, path: this.path(key) });
    return undefined;
  }

  /** A string; null and absent both read as undefined. */
  text(key: string, maxChars?: number): string | undefined {
    const value = this.#item[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") return this.fail("InvalidType", key);
    if (maxChars !== undefined && [...value].length > maxChars) return this.fail("TooLong", key);
    return value;
  }

  /** A whole number; null and absent both read as undefined. */
  integer(key: string): number | undefined {
    const value = this.#item[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number" || !Number.isSafeInteger(value)) return this.fail("InvalidType", key);
    return value;
  }

  number(key: string): number | undefined {
    const value = this.#item[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number" || !Number.isFinite(value)) return this.fail("InvalidType", key);
    return value;
  }

  boolean(key: string): boolean | undefined {
    const value = this.#item[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "boolean") return this.fail("InvalidType", key);
    return value;
  }

  /** A whole number that the account knows; an unknown one is `NotSupportedChoice`. */
  choice(key: string, isKnown: (id: number) => boolean): number | undefined {
    const id = this.integer(key);
    if (id === undefined) return undefined;
    return isKnown(id) ? id : this.fail("NotSupportedChoice", key);
  }

  /** A nested object as a reader that reports into the same list. */
  object(key: string): ItemReader | undefined {
    const value = this.#item[key];
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) return this.fail("InvalidType", key);
    return new ItemReader(value, `${this.path(key)}.`, this.issues);
  }

  /** A list of objects as readers; an element that is no object is reported and left out. */
  objects(key: string): ItemReader[] | undefined {
    const value = this.#item[key];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) return this.fail("InvalidType", key);
    const readers: ItemReader[] = [];
    value.forEach((element: unknown, index) => {
      if (isObject(element))
        readers.push(new ItemReader(element, `${this.path(key)}.${index}.`, this.issues));
      else this.fail("InvalidType", `${key}.${index}`);
    });
    return readers;
  }
}
