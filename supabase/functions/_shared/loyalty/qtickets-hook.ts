import { z } from "zod";
import { type Inbox, receive, refuseDelivery, type Source } from "../outbox/inbox.ts";
import { parseJson } from "../platform/json.ts";
import type { Log } from "../platform/log.ts";
import { isHmacOf } from "../platform/same-secret.ts";

export interface QticketsHookPorts {
  /** QTICKETS_WEBHOOK_SECRET as it is set; undefined or empty if it is not. */
  secret: string | undefined;
  inbox: Inbox;
  log: Log;
}

interface Hook {
  key: string;
  /** Null if nobody can tell whose order it is. */
  orderId: number | null;
}

const Order = z.object({ id: z.coerce.number().int().positive() });

/**
 * One call of Qtickets, signed over the very bytes. It is a hint: only the order's id is kept, and the order is read from the API, so that
 * neither a repeated nor an old call can change anything. Only 200 counts there, and after ten tries a call is lost.
 */
export async function answerQticketsHook(request: Request, ports: QticketsHookPorts): Promise<Response> {
  const secret = ports.secret?.trim() ?? "";
  if (secret === "" && request.method === "POST") {
    ports.log("error", "qtickets_hook_unconfigured", { missing: ["QTICKETS_WEBHOOK_SECRET"] });
    return refuseDelivery(503, "unconfigured");
  }
  return await receive(request, qtickets(secret, ports));
}

function qtickets(
  secret: string,
  { inbox, log }: QticketsHookPorts,
): Source<null, Hook, "stored" | "duplicate"> {
  return {
    name: "qtickets_hook",
    log,
    async verify({ request, bytes }) {
      if (await isHmacOf(request.headers.get("x-signature") ?? "", "SHA-1", secret, bytes))
        return { ok: true, sender: null };
      log("warn", "qtickets_hook_refused");
      return { ok: false, answer: refuseDelivery(401, "forged") };
    },
    async read({ request, bytes, text }) {
      const model = request.headers.get("x-model-name");
      if (model !== null && model !== "Order") return { keep: false, answer: new Response("ok") };
      const parsed = Order.safeParse(parseJson(text));
      const event = request.headers.get("x-event-type") ?? "";
      const key = await digest(new TextEncoder().encode(`${event}\n`), bytes);
      return { keep: true, event: { key, orderId: parsed.success ? parsed.data.id : null } };
    },
    append: ({ key, orderId }) =>
      inbox.append(
        orderId === null
          ? { key, body: null, isUnreadable: true, error: "no_order_id" }
          : { key, body: { order_id: orderId } },
      ),
  };
}

/** The body holds the order's id and its time of change, so the same body is the same event. */
async function digest(head: Uint8Array, body: Uint8Array): Promise<string> {
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  const hash = await crypto.subtle.digest("SHA-256", whole);
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
