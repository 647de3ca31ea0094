import type { z } from "zod";
import { type Asked, classify, unexpectedAnswer } from "./classify.ts";
import type { AmocrmRequest, RawOutcome, Transport } from "./transport.ts";
import type { Answer, Exchange } from "./verdict.ts";

/** How an answer becomes a value: the shape its JSON must have, and what a 204 stands for. */
export interface Reading<T> {
  schema: z.ZodType<T>;
  /** The value of "nothing found"; without it a 204 is an unexpected answer. */
  empty?: T;
}

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

function parse<T>(asked: Asked, json: unknown, schema: z.ZodType<T>, exchange: Exchange): Answer<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return { verdict: "delivered", value: parsed.data, exchange };
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
  };
}
