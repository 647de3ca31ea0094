import { type Delivery, receive, refuseDelivery } from "../../outbox/inbox.ts";
import type { Log } from "../../platform/log.ts";
import { sha256Of } from "../../platform/secrets.ts";
import type { HookStore, KeptDelivery } from "./port.ts";
import { readHook } from "./read-hook.ts";

export interface HookPorts {
  store: HookStore;
  log: Log;
}

/** Ours have 43 characters; what is much longer is nobody's secret. */
const MAX_SECRET = 200;

/**
 * One delivery of amoCRM. Nothing in it is signed: who calls is told by the secret in the address, and what it says is a hint.
 * amoCRM waits two seconds and disables a hook that is answered badly, so whatever came with the right secret is 200.
 */
export async function answerHook(request: Request, { store, log }: HookPorts): Promise<Response> {
  return await receive<string, KeptDelivery, "stored" | "duplicate" | "other_account" | "unknown">(request, {
    name: "amocrm_webhook",
    log,
    async verify(delivery) {
      const secret = /\/amocrm-webhook\/([^/]+)\/?$/.exec(new URL(delivery.request.url).pathname)?.[1];
      if (secret === undefined || secret.length > MAX_SECRET) return { ok: false, answer: unknown(log) };
      // It is looked up by its hash, which nobody can choose: so the time that takes tells nothing of it.
      return { ok: true, sender: await sha256Of(secret) };
    },
    read: async (delivery) => ({ keep: true, event: await keptOf(delivery) }),
    append: (delivery, secretHash) => store.receive(secretHash, delivery),
    answer(outcome, { hints }) {
      if (outcome === "unknown") return unknown(log);
      if (outcome === "other_account") log("warn", "amocrm_webhook_other_account");
      else if (hints === null) log("warn", "amocrm_webhook_unreadable");
      return new Response("ok");
    },
  });
}

async function keptOf({ text }: Delivery): Promise<KeptDelivery> {
  const hook = readHook(text);
  const key = await sha256Of(text);
  return hook === null
    ? { key, accountId: null, hints: null, body: text }
    : { key, accountId: hook.accountId, hints: hook.hints, body: null };
}

/** The address itself, which holds what was tried, is in no line of the log. */
function unknown(log: Log): Response {
  log("warn", "amocrm_webhook_refused");
  return refuseDelivery(404, "not_found");
}
