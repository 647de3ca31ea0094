import { receive, refuseDelivery, type Source } from "../outbox/inbox.ts";
import { parseJson } from "../platform/json.ts";
import { isSameSecret } from "../platform/same-secret.ts";
import { type DoorPorts, idsOf, type Kept, keepIn, kept, keyOf, setting } from "./social/door.ts";
import { readTelegram, TelegramUpdate } from "./social/telegram.ts";

const BODY_MAX_BYTES = 256 * 1024;

/** One update of Telegram, which repeats what is not answered with 2xx and drops it after a day. */
export async function answerTelegramEvents(request: Request, ports: DoorPorts): Promise<Response> {
  const secret = setting(ports.environment, "TELEGRAM_SECRET");
  if (secret === "" && request.method === "POST") {
    ports.log("error", "telegram_events_unconfigured", { missing: ["TELEGRAM_SECRET"] });
    return refuseDelivery(503, "unconfigured");
  }
  return await receive(request, telegram(secret, ports));
}

function telegram(
  secret: string,
  { environment, inbox, log }: DoorPorts,
): Source<null, Kept, "stored" | "duplicate"> {
  const chats = idsOf(environment, "TELEGRAM_CHAT_IDS");
  return {
    name: "telegram_events",
    bodyMaxBytes: BODY_MAX_BYTES,
    log,
    async verify({ request }) {
      const told = request.headers.get("x-telegram-bot-api-secret-token") ?? "";
      if (await isSameSecret(told, secret)) return { ok: true, sender: null };
      log("warn", "telegram_events_refused");
      return { ok: false, answer: refuseDelivery(401, "wrong_secret") };
    },
    async read({ text }) {
      const update = TelegramUpdate.safeParse(parseJson(text));
      const id = update.success ? String(update.data.update_id) : undefined;
      return await kept(await keyOf(id, text), update.success ? readTelegram(update.data, chats) : null);
    },
    append: keepIn(inbox, chats === null),
  };
}
