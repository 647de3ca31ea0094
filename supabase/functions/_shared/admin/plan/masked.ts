import type { PlanAnswer } from "./answer.ts";

/** Texts that say what something is, and not whom it is about. */
const KINDS = ["field_code", "note_type", "entity_type", "enum_code", "event"];
/** What a query names without a person. */
const PLAIN = ["with", "limit", "page"];
const MASK = "•••";

/** The plan without personal data, for who looks in a browser: which requests, to what, with which fields. */
export function maskedPlan(plan: PlanAnswer): PlanAnswer {
  return {
    ...plan,
    requests: plan.requests.map((request) => ({
      ...request,
      query: maskedQuery(request.query),
      body: maskedBody(request.body),
    })),
    // What amoCRM would object to may repeat what somebody typed.
    messages: plan.messages.map((message) => ({ ...message, message: null })),
  };
}

function maskedQuery(query: string): string {
  const parameters = [...new URLSearchParams(query)];
  return parameters.map(([name, value]) => `${name}=${PLAIN.includes(name) ? value : MASK}`).join("&");
}

function maskedBody(body: unknown, name = ""): unknown {
  if (Array.isArray(body)) return body.map((item) => maskedBody(item, name));
  if (body !== null && typeof body === "object") {
    return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, maskedBody(value, key)]));
  }
  if (typeof body === "string") return KINDS.includes(name) ? body : MASK;
  return typeof body === "number" && name === "value" ? MASK : body;
}
