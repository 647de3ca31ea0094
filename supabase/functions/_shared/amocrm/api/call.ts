import type { z } from "zod";
import { type Asked, classify, unexpectedAnswer } from "./classify.ts";
import type { AmocrmRequest, RawOutcome, Transport } from "./transport.ts";
import type { Answer, Exchange } from "./verdict.ts";

/** How an answer becomes a value: the shape its JSON must have, and what a 204 stands for. */
export interface Reading<T> {
  /** `dropped` is told how many rows of the answer were left out as unreadable. */
  schema: (dropped: (count: number) => void) => z.ZodType<T>;
  /** The value of "nothing found"; without it a 204 is an unexpected answer. */
  empty?: T;
}

const HALF_SECOND_MS = 500;

/** Sends one request and turns whatever comes of it into an answer. */
export async function call<T>(
  transport: Transport,
  request: AmocrmRequest,
  reading: Reading<T>,
): Promise<Answer<T>> {
  const outcome = await transport.send(request);
  const exchange = exchangeOf(request, outcome);
  const classified = classify(request, outcome);
  if (classified.verdict !== "delivered") return { ...classified, exchange };
  if (classified.empty) {
    return "empty" in reading
      ? { verdict: "delivered", value: reading.empty as T, exchange }
      : { ...unexpectedAnswer(request, "the body, which is empty"), exchange };
  }
  return parse(request, classified.json, reading.schema, exchange);
}

function parse<T>(asked: Asked, json: unknown, schema: Reading<T>["schema"], exchange: Exchange): Answer<T> {
  let droppedCount = 0;
  const parsed = schema((count) => {
    droppedCount += count;
  }).safeParse(json);
  if (parsed.success)
    return {
      verdict: "delivered",
      value: parsed.data,
      exchange: droppedCount === 0 ? exchange : { ...exchange, droppedCount },
    };
  const place = parsed.error.issues[0]?.path.join(".") || "its top";
  return { ...unexpectedAnswer(asked, place), exchange };
}

function exchangeOf(request: AmocrmRequest, outcome: RawOutcome): Exchange {
  return {
    method: request.method,
    path: request.path,
    httpStatus: outcome.kind === "answered" ? outcome.httpStatus : null,
    durationMs: outcome.durationMs,
    waitedMs: outcome.waitedMs,
    itemCount: request.itemCount,
    clockOffsetMs: clockOffsetOf(outcome),
    answeredAtSecond: secondOf(outcome),
  };
}

/** What the Date header tells; NaN if there is none, or no date in it. */
function toldMsOf(outcome: RawOutcome): number {
  return outcome.kind === "answered" ? Date.parse(outcome.date ?? "") : Number.NaN;
}

function secondOf(outcome: RawOutcome): number | null {
  const toldMs = toldMsOf(outcome);
  return Number.isNaN(toldMs) ? null : Math.floor(toldMs / 1000);
}

/** A Date header tells whole seconds, so the moment it means is half a second later; it was written while we waited. */
function clockOffsetOf(outcome: RawOutcome): number | null {
  const toldMs = toldMsOf(outcome);
  if (outcome.kind !== "answered" || Number.isNaN(toldMs)) return null;
  return toldMs + HALF_SECOND_MS - (outcome.answeredAtMs - outcome.durationMs / 2);
}
