import { z } from "zod";
import { parseJson } from "../json.ts";
import type { AnsweredOutcome } from "./outcome.ts";

const RetryAfterBody = z.looseObject({ retry_after: z.number().nonnegative() });

/**
 * The wait that an answer asks for, in milliseconds and as told, or null. amoCRM documents `retry_after`
 * (seconds) in the JSON body; the header is not documented, but gateways set it.
 */
export function retryWaitMs(
  answer: Pick<AnsweredOutcome, "body" | "retryAfter" | "answeredAtMs">,
): number | null {
  return bodyWaitMs(answer.body) ?? headerWaitMs(answer.retryAfter, answer.answeredAtMs);
}

function bodyWaitMs(body: string): number | null {
  const parsed = RetryAfterBody.safeParse(parseJson(body));
  return parsed.success ? parsed.data.retry_after * 1000 : null;
}

function headerWaitMs(header: string | null, nowMs: number): number | null {
  if (header === null || header.trim() === "") return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : null;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
