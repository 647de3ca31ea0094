import { z } from "zod";
import { SINGLE_TIMEOUT_MS } from "../rules/limits.ts";
import type { AmocrmRequest } from "./transport.ts";

const PATH = "/api/v4/webhooks";

/** A webhook of the account; whose it is, its address tells. */
export interface Webhook {
  destination: string;
  isDisabled: boolean;
}

/** A webhook as the account's list has it. */
export const WebhookRow = z
  .looseObject({ destination: z.string(), disabled: z.boolean().catch(false) })
  .transform(({ destination, disabled }): Webhook => ({ destination, isDisabled: disabled }));

/** Every webhook of the account; administrators only (amocrm-api.md 3.10). */
export function webhooksRequest(): AmocrmRequest {
  return request("GET", null, "list_webhooks");
}

/** The same destination again overwrites the events, so that it may be repeated after a doubt. */
export function subscribeRequest(destination: string, events: readonly string[]): AmocrmRequest {
  return request("POST", { destination, settings: events }, "subscribe_webhook");
}

export function unsubscribeRequest(destination: string): AmocrmRequest {
  return request("DELETE", { destination }, "unsubscribe_webhook");
}

function request(method: AmocrmRequest["method"], body: unknown, purpose: string): AmocrmRequest {
  return {
    method,
    methodClass: method === "GET" ? "read" : "set",
    path: PATH,
    query: [],
    body,
    requestIds: [],
    itemCount: 1,
    timeoutMs: SINGLE_TIMEOUT_MS,
    purpose,
  };
}
