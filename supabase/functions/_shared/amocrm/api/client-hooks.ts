import { z } from "zod";
import { pageOf } from "./answers.ts";
import { call } from "./call.ts";
import type { AmocrmHooks } from "./client-port.ts";
import type { AmocrmRequest, Transport } from "./transport.ts";
import type { Answer } from "./verdict.ts";
import { subscribeRequest, unsubscribeRequest, WebhookRow, webhooksRequest } from "./webhook-requests.ts";

/** The management of webhooks. */
export function createHooks(transport: Transport): AmocrmHooks {
  const done = (request: AmocrmRequest): Promise<Answer<null>> =>
    call<null>(transport, request, { schema: () => z.looseObject({}).transform(() => null), empty: null });
  return {
    async webhooks() {
      const answer = await call(transport, webhooksRequest(), {
        schema: (dropped) => pageOf("webhooks", WebhookRow, dropped),
        empty: { rows: [], hasMore: false },
      });
      return answer.verdict === "delivered" ? { ...answer, value: answer.value.rows } : answer;
    },
    subscribeWebhook: (destination, events) => done(subscribeRequest(destination, events)),
    unsubscribeWebhook: (destination) => done(unsubscribeRequest(destination)),
  };
}
