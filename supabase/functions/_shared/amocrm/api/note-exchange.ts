import type { HttpParts } from "../../platform/http.ts";
import type { RequestLog } from "./request-log.ts";

/** Notes what goes past the client: requests for tokens, and for the host of an account that has moved. */
export function noteOf(log: RequestLog, nowMs: () => number): NonNullable<HttpParts["seen"]> {
  return (method, url, outcome) => {
    const httpStatus = outcome.kind === "answered" ? outcome.httpStatus : null;
    const isDelivered = httpStatus !== null && httpStatus >= 200 && httpStatus < 300;
    log.note({
      departedAtMs: nowMs() - outcome.durationMs,
      method,
      path: new URL(url).pathname,
      httpStatus,
      verdict: isDelivered ? "delivered" : httpStatus === null ? "uncertain" : "rejected",
      errorCode: outcome.kind === "failed" ? outcome.reason : null,
      durationMs: outcome.durationMs,
      waitedMs: 0,
      itemCount: 1,
      messageIds: [],
    });
  };
}
