/** Longer than any filter of 250 ids, shorter than what amoCRM's own gateway takes. */
const MAX_TARGET = 16_384;
const PREFIX = "/api/v4/";
/**
 * All that v4 paths are made of. No dot and no percent sign: neither a step up nor a slash that somebody else decodes,
 * once or twice, can be written with these.
 */
const PATH = /^\/api\/v4(?:\/[A-Za-z0-9_-]+)+\/?$/;
/** What may stand in a query as it travels; a fragment, a space or a line's end may not. */
const QUERY = /^[!$%&'()*+,\-./:;=?@A-Z[\]_a-z{|}~0-9]*$/;

export type PathAnswer = { ok: true; path: string; query: string } | { ok: false; message: string };

/**
 * Judges the target of a request as it came on the wire, before anything has resolved or decoded it. Only what is in its
 * normal form already is taken: one that would change by normalising means two things to two readers.
 */
export function judgePath(target: string): PathAnswer {
  if (target.length > MAX_TARGET) return refused("The address is too long");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  if (!path.startsWith(PREFIX)) return refused("Only paths under /api/v4/ are passed on");
  if (!PATH.test(path)) return refused("The path is not written in its plain form");
  if (!QUERY.test(query)) return refused("The query holds what no query may");
  // The last word is that of the parser which the request is sent with.
  const normal = new URL(path, "http://account.invalid");
  if (normal.host !== "account.invalid" || normal.pathname !== path) {
    return refused("The path is not written in its plain form");
  }
  return { ok: true, path, query };
}

function refused(message: string): PathAnswer {
  return { ok: false, message };
}
