import type { FailedOutcome } from "./outcome.ts";

/** System codes that can only occur before a connection stands, as Node and Deno report them. */
const CONNECT_CODES = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_NODATA",
  "EAI_NONAME",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Calls of the system that come before the first byte; a code such as ECONNRESET is harmless within them. */
const CONNECT_CALLS = new Set(["connect", "getaddrinfo"]);

/** How Deno's HTTP stack marks a failure of its connect phase: address, TCP or TLS (seen in 2.1.4 and 2.9.5). */
const DENO_CONNECT_MARK = "client error (Connect)";

/** An error's causes are followed this far; deeper chains do not occur. */
const CAUSES_MAX = 5;

/**
 * Tells whether a failed fetch failed before anything can have been written. In doubt it is `after`: a create
 * that is wrongly held for unsent would be made twice, one wrongly held for sent is merely looked up.
 */
export function networkFailure(error: unknown): Pick<FailedOutcome, "phase" | "reason"> {
  return failedWhileConnecting(error, CAUSES_MAX)
    ? { phase: "before", reason: "connection_failed" }
    : { phase: "after", reason: "connection_lost" };
}

function failedWhileConnecting(error: unknown, causesLeft: number): boolean {
  if (typeof error !== "object" || error === null || causesLeft === 0) return false;
  const { code, syscall, message, cause, errors } = error as Record<string, unknown>;
  // Node tries every address of a host: all of them must have failed while connecting.
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.every((one) => failedWhileConnecting(one, causesLeft - 1));
  }
  if (typeof code === "string" && CONNECT_CODES.has(code)) return true;
  if (typeof syscall === "string" && CONNECT_CALLS.has(syscall)) return true;
  if (typeof message === "string" && message.includes(DENO_CONNECT_MARK)) return true;
  return failedWhileConnecting(cause, causesLeft - 1);
}
