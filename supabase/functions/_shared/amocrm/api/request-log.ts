import type { AmocrmClient } from "./client-port.ts";
import { type OwnWrite, ownWritesOf } from "./own-writes.ts";
import type { Answer, Verdict } from "./verdict.ts";

/** One request that left for amoCRM, as the admin may read it: nothing about a person. */
export interface LoggedRequest {
  /** When it left, by this process's clock. */
  departedAtMs: number;
  method: string;
  path: string;
  httpStatus: number | null;
  verdict: Verdict;
  errorCode: string | null;
  durationMs: number;
  waitedMs: number;
  itemCount: number;
  /** Rows of the answer that were left out as unreadable. */
  droppedCount?: number;
  messageIds: readonly number[];
  /** The contacts and deals that it wrote. */
  writes?: readonly OwnWrite[];
}

/** Port: the log of requests. It gathers, and writes when told to. */
export interface RequestLog {
  note(request: LoggedRequest): void;
  /** Writes what has gathered, in one call. Never rejects: what cannot be logged is lost, and nothing else is. */
  flush(): Promise<void>;
}

/** The client, with each of its requests noted together with the messages that it is sent for. */
export function withRequestLog(
  client: AmocrmClient,
  log: RequestLog,
  nowMs: () => number,
  messageIds: readonly number[] = [],
): AmocrmClient {
  const watched = Object.entries(client).map(([name, method]) => [
    name,
    async (...input: unknown[]) => {
      const answer = await (method as (...input: unknown[]) => Promise<Answer<unknown>>)(...input);
      const request = requestOf(answer, nowMs(), messageIds);
      const writes = ownWritesOf(name, input, answer);
      if (request !== null) log.note(writes.length === 0 ? request : { ...request, writes });
      return answer;
    },
  ]);
  return Object.fromEntries(watched) as AmocrmClient;
}

/** Null for one that never left, because the pace or the token refused. */
function requestOf(
  answer: Answer<unknown>,
  nowMs: number,
  messageIds: readonly number[],
): LoggedRequest | null {
  const errorCode = answer.verdict === "delivered" ? null : answer.fault.code;
  if (errorCode === "slot_refused" || errorCode === "token_unavailable") return null;
  const { method, path, httpStatus, durationMs, waitedMs, itemCount, droppedCount = 0 } = answer.exchange;
  return {
    departedAtMs: nowMs - durationMs,
    method,
    path,
    httpStatus,
    verdict: answer.verdict,
    errorCode,
    durationMs,
    waitedMs,
    itemCount,
    droppedCount,
    messageIds,
  };
}
