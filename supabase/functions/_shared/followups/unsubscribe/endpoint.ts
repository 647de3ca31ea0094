import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import type { WayOut } from "./port.ts";

export interface UnsubscribePorts {
  wayOut: WayOut;
  log: Log;
}

/** The page with the button stands elsewhere, and mailboxes send no origin: nothing but the token counts. */
const HEADERS = {
  "content-type": "text/plain; charset=utf-8",
  "cache-control": "no-store",
  "x-robots-tag": "noindex",
  "referrer-policy": "no-referrer",
  "access-control-allow-origin": "*",
};

/**
 * One-click unsubscribing (RFC 8058): a POST withdraws, without cookies, sign-in or redirect, and nothing of its body is
 * read. GET and HEAD change nothing, since scanners open every link. An unknown token is answered as a known one: whoever
 * tries tokens learns nothing, and a second click is no error.
 */
export async function answerUnsubscribe(
  request: Request,
  { wayOut, log }: UnsubscribePorts,
): Promise<Response> {
  const { method } = request;
  if (method === "OPTIONS") {
    const allowed = { "access-control-allow-methods": "POST", "access-control-max-age": "86400" };
    return new Response(null, { status: 204, headers: { ...HEADERS, ...allowed } });
  }
  if (method === "GET" || method === "HEAD") {
    const text =
      "Nothing was changed. To unsubscribe, use the button of your mail program, or open the link at the end of the mail.\n" +
      "Ничего не изменилось. Чтобы отписаться, нажмите кнопку почтовой программы или откройте ссылку в конце письма.\n";
    return new Response(method === "HEAD" ? null : text, { headers: HEADERS });
  }
  if (method !== "POST") {
    return new Response("Only POST unsubscribes.\n", {
      status: 405,
      headers: { ...HEADERS, allow: "POST, GET, HEAD" },
    });
  }
  const token = /\/unsubscribe\/([A-Za-z0-9_-]{1,64})\/?$/.exec(new URL(request.url).pathname)?.[1] ?? "";
  try {
    log("info", "unsubscribed", { outcome: await wayOut.unsubscribe(token) });
  } catch (error) {
    // The mailbox tries again.
    log("error", "unsubscribe_failed", { message: messageOf(error) });
    return new Response("Please try again in a minute.\nПожалуйста, попробуйте ещё раз через минуту.\n", {
      status: 503,
      headers: { ...HEADERS, "retry-after": "60" },
    });
  }
  return new Response("You are unsubscribed.\nВы отписаны.\n", { headers: HEADERS });
}
