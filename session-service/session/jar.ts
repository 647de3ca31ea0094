/** A cookie as the browser holds it. */
export interface BrowserCookie {
  name: string;
  value: string;
}

const CALLED_PATH = "/api/v4/";

/**
 * The cookies of a session, for the one account and in memory only. What amoCRM's answers set goes in, since a session may
 * be renewed that way; nothing of it goes out but to amoCRM.
 */
export class CookieJar {
  readonly #values = new Map<string, string>();
  readonly #nowMs: () => number;

  constructor(cookies: readonly BrowserCookie[], nowMs: () => number) {
    this.#nowMs = nowMs;
    for (const { name, value } of cookies) this.#values.set(name, value);
  }

  /** The Cookie header. */
  header(): string {
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Takes the Set-Cookie headers of an answer. */
  take(lines: readonly string[]): void {
    for (const line of lines) this.#takeOne(line);
  }

  #takeOne(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const mark = pair.indexOf("=");
    if (mark <= 0) return;
    const [name, value] = [pair.slice(0, mark), pair.slice(mark + 1)];
    const told = new Map(attributes.map((one) => splitAttribute(one)));
    const path = told.get("path") ?? "/";
    // One for another part of the account's site is none of ours.
    if (!CALLED_PATH.startsWith(path.endsWith("/") ? path : `${path}/`)) return;
    if (this.#isOver(told)) this.#values.delete(name);
    else this.#values.set(name, value);
  }

  #isOver(told: ReadonlyMap<string, string>): boolean {
    const maxAge = told.get("max-age");
    if (maxAge !== undefined) return Number(maxAge) <= 0;
    const endsAtMs = Date.parse(told.get("expires") ?? "");
    return !Number.isNaN(endsAtMs) && endsAtMs <= this.#nowMs();
  }
}

function splitAttribute(attribute: string): [name: string, value: string] {
  const mark = attribute.indexOf("=");
  return mark < 0
    ? [attribute.toLowerCase(), ""]
    : [attribute.slice(0, mark).toLowerCase(), attribute.slice(mark + 1)];
}
