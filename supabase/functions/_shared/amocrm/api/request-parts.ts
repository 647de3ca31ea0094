import { oneShotBody, USER_AGENT } from "../../platform/http.ts";
import { storable } from "../../platform/storable.ts";
import type { AmocrmRequest, NotSentOutcome } from "./transport.ts";

/** Brackets in names stay as they are: encoded, a filter of 250 ids would outgrow nginx's 8 KiB request line. */
export function urlOf(base: string, { path, query }: AmocrmRequest): string {
  if (query.length === 0) return base + path;
  return `${base}${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

/** The headers with a bearer; null if it has characters that no header can carry. */
export function headersOf(request: AmocrmRequest, bearer: string): Headers | null {
  try {
    const headers = new Headers({ Authorization: `Bearer ${bearer}`, "User-Agent": USER_AGENT });
    if (request.body !== null) headers.set("Content-Type", "application/json");
    return headers;
  } catch {
    // The platform's error text quotes the bearer.
    return null;
  }
}

/** A text that we cut or that a variable brought must not come back from amoCRM as one that no database takes. */
export function bodyOf({ body }: AmocrmRequest): Blob | null {
  return body === null ? null : oneShotBody(JSON.stringify(storable(body)));
}

/** What became of a request that never left. */
export function notSent(
  refusedBy: "slot" | "token",
  code: string,
  message: string,
  waitMs: number | null,
): NotSentOutcome {
  return { kind: "not_sent", refusedBy, code, message, waitMs, durationMs: 0, waitedMs: 0 };
}
