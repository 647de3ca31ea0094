/** All of a request that amoCRM may see; who asks, and with what secret, is between the functions and us. */
const PASSED_ON = ["accept", "content-type", "if-modified-since"] as const;
/** All of an answer that the functions may see. */
const PASSED_BACK = [
  "content-type",
  "content-length",
  "content-encoding",
  "date",
  "retry-after",
  "last-modified",
  "x-request-id",
] as const;

const USER_AGENT = "supabase-amocrm-session/0.1";

/** Reads one header by its lower-case name. */
export type HeaderReader = (name: string) => string | null;

/**
 * The headers of a call to amoCRM. They are picked, not left out: a header that nobody has thought of stays here, and so do
 * cookies, authorisation and those that are about one connection.
 */
export function headersForAmocrm(header: HeaderReader, cookie: string): Record<string, string> {
  const headers: Record<string, string> = {
    cookie,
    "user-agent": USER_AGENT,
    // As the page's own scripts say it.
    "x-requested-with": "XMLHttpRequest",
    // What comes is passed on byte by byte.
    "accept-encoding": "identity",
  };
  for (const name of PASSED_ON) {
    const value = header(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

/** The headers of amoCRM's answer as they go back; never a cookie, never the address of a redirect. */
export function headersForFunctions(header: HeaderReader): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of PASSED_BACK) {
    const value = header(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

const WAIT = /(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])/;

/** For how long a call may wait for a sign-in, by its Prefer header; null if it does not say. */
export function toldWaitMs(prefer: string | null): number | null {
  const seconds = WAIT.exec(prefer ?? "")?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}
