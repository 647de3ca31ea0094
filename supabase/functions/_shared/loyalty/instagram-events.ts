import { receive, refuseDelivery, type Source } from "../outbox/inbox.ts";
import { parseJson } from "../platform/json.ts";
import { isHmacOf, isSameSecret } from "../platform/same-secret.ts";
import { type DoorPorts, idsOf, type Kept, keepIn, kept, keyOf, setting } from "./social/door.ts";
import { InstagramCall, readInstagram } from "./social/instagram.ts";

/** A thousand changes, of long comments with every letter escaped. */
const BODY_MAX_BYTES = 4 * 1024 * 1024;

/** One call of Meta's webhooks: a batch signed over its very bytes, or the question whether this address is ours. */
export async function answerInstagramEvents(request: Request, ports: DoorPorts): Promise<Response> {
  if (request.method === "GET") return await answerChallenge(request, ports);
  const secret = setting(ports.environment, "INSTAGRAM_APP_SECRET");
  if (secret === "" && request.method === "POST") {
    ports.log("error", "instagram_events_unconfigured", { missing: ["INSTAGRAM_APP_SECRET"] });
    return refuseDelivery(503, "unconfigured");
  }
  return await receive(request, instagram(secret, ports));
}

async function answerChallenge(request: Request, { environment, log }: DoorPorts): Promise<Response> {
  const ours = setting(environment, "INSTAGRAM_VERIFY_TOKEN");
  if (ours === "") {
    log("error", "instagram_events_unconfigured", { missing: ["INSTAGRAM_VERIFY_TOKEN"] });
    return refuseDelivery(503, "unconfigured");
  }
  const query = new URL(request.url).searchParams;
  const isOurs = await isSameSecret(query.get("hub.verify_token") ?? "", ours);
  const challenge = query.get("hub.challenge") ?? "";
  if (!isOurs || query.get("hub.mode") !== "subscribe") {
    log("warn", "instagram_events_refused");
    return refuseDelivery(403, "wrong_token");
  }
  // Said back as it came, so nothing that a browser could take for a page.
  if (!/^[\w.-]{1,200}$/.test(challenge)) return refuseDelivery(400, "no_challenge");
  return new Response(challenge, {
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}

function instagram(
  secret: string,
  { environment, inbox, log }: DoorPorts,
): Source<null, Kept, "stored" | "duplicate"> {
  const accounts = idsOf(environment, "INSTAGRAM_ACCOUNT_IDS");
  return {
    name: "instagram_events",
    bodyMaxBytes: BODY_MAX_BYTES,
    log,
    async verify({ request, bytes }) {
      const signature = request.headers.get("x-hub-signature-256") ?? "";
      const [, hex = ""] = /^sha256=(.*)$/i.exec(signature) ?? [];
      if (await isHmacOf(hex, "SHA-256", secret, bytes)) return { ok: true, sender: null };
      log("warn", "instagram_events_refused");
      return { ok: false, answer: refuseDelivery(401, "forged") };
    },
    async read({ text }) {
      const call = InstagramCall.safeParse(parseJson(text));
      // There is no id of a delivery: the same bytes are the same one, and a comment counts once whatever the bytes.
      return await kept(
        await keyOf(undefined, text),
        call.success ? readInstagram(call.data, accounts) : null,
      );
    },
    append: keepIn(inbox, accounts === null),
  };
}
