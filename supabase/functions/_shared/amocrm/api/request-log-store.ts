import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type { LoggedRequest, RequestLog } from "./request-log.ts";

/** More than a call can send; should something go round in circles, the log does not grow with it. */
const MAX_GATHERED = 1_000;

/** The log of one edge function's requests, in amocrm.requests. */
export function createRequestLog(rpc: Rpc, functionName: string, nowMs: () => number, log: Log): RequestLog {
  let gathered: LoggedRequest[] = [];
  return {
    note(request) {
      const { path, droppedCount = 0 } = request;
      if (droppedCount > 0) log("warn", "rows_unreadable", { path, count: droppedCount });
      if (gathered.length < MAX_GATHERED) gathered.push(request);
    },
    async flush() {
      if (gathered.length === 0) return;
      const requests = gathered.map((request) => requestRow(request, nowMs()));
      gathered = [];
      try {
        await rpc("amocrm_log_requests", { p_function: functionName, p_requests: requests });
      } catch (error) {
        const message = messageOf(error);
        log("warn", "requests_not_logged", { count: requests.length, message });
      }
    },
  };
}

/** How long ago and not when: the database's clock is the one that counts. */
function requestRow({ departedAtMs, ...request }: LoggedRequest, nowMs: number): object {
  return {
    ago_ms: Math.max(0, nowMs - departedAtMs),
    method: request.method,
    path: request.path,
    http_status: request.httpStatus,
    verdict: request.verdict,
    error_code: request.errorCode,
    duration_ms: Math.round(request.durationMs),
    waited_ms: Math.round(request.waitedMs),
    item_count: request.itemCount,
    dropped_count: request.droppedCount ?? 0,
    message_ids: request.messageIds,
    ...(request.writes === undefined ? {} : { writes: request.writes }),
  };
}
