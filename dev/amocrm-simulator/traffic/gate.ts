import type { Answer } from "../http.ts";
import { isObject } from "../json.ts";
import type { Body } from "../routes/call.ts";
import { htmlAnswer, internalAnswer, problemText } from "../routes/problem.ts";
import type { Settings } from "../settings.ts";
import type { Fault } from "./faults.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { RateRefusals } from "./refusals.ts";

/** The answer of a fault that refuses before anything is done; undefined for faults that strike elsewhere. */
export function faultAnswer(
  fault: Fault,
  tools: { settings: Settings; refusals: RateRefusals; limiter: RateLimiter; traceId: string },
): Answer | undefined {
  const { settings } = tools;
  switch (fault.kind) {
    case "rate_limit":
      return tools.refusals.answer(settings, {
        ...(fault.body === undefined ? {} : { body: fault.body }),
        ...(fault.retry_after_s === undefined ? {} : { retryAfterS: fault.retry_after_s }),
      });
    case "block":
      tools.limiter.block();
      return htmlAnswer(403);
    case "status":
      return fault.after_write === true ? undefined : statusAnswer(fault, tools);
    case "unauthorized":
      return problemText(settings, 401, "unauthorized");
    case "unpaid":
      return problemText(settings, 402, "unpaid");
    case "forbidden":
      return problemText(settings, 403, "forbidden");
    default:
      return undefined;
  }
}

/** An error status as JSON, as a gateway's page, or bare; gateway statuses come as pages unless asked otherwise. */
export function statusAnswer(
  fault: Extract<Fault, { kind: "status" }>,
  tools: { settings: Settings; traceId: string },
): Answer {
  const isGateway = fault.status === 502 || fault.status === 503 || fault.status === 504;
  const body = fault.body ?? (isGateway ? "html" : "json");
  if (body === "html") return htmlAnswer(fault.status);
  if (body === "empty") return { status: fault.status, headers: {}, body: "" };
  if (typeof body === "object") {
    return "json" in body
      ? {
          status: fault.status,
          headers: { "content-type": "application/problem+json" },
          body: JSON.stringify(body.json),
        }
      : { status: fault.status, headers: { "content-type": "text/plain" }, body: body.text };
  }
  return internalAnswer(tools.settings, fault.status, tools.traceId);
}

/** Spoils a finished answer: leaves items out of it, or breaks it off half-way. */
export function spoilAnswer(fault: Fault | undefined, answer: Answer): Answer {
  if (fault?.kind === "cut_body") return { ...answer, body: answer.body.slice(0, answer.body.length / 2) };
  if (fault?.kind !== "missing_items" || answer.status !== 200) return answer;
  const body: unknown = JSON.parse(answer.body);
  const count = fault.count ?? 1;
  const lists = isObject(body) && isObject(body["_embedded"]) ? Object.values(body["_embedded"]) : [body];
  for (const list of lists) if (Array.isArray(list)) list.splice(0, count);
  return { ...answer, body: JSON.stringify(body) };
}

/** What a request costs in time before its answer leaves, without the rows it will show. */
export function plannedMs(
  settings: Settings["duration"],
  work: { items: number; slowMs: number; random: () => number },
): number {
  const jitterMs = settings.jitter_ms > 0 ? work.random() * settings.jitter_ms : 0;
  return settings.base_ms + settings.per_item_ms * work.items + jitterMs + work.slowMs;
}

/** True when a body asks for a write: what a timed-out call may still do. */
export function isWrite(method: string, body: Body): boolean {
  return method !== "GET" && body.kind === "json";
}
