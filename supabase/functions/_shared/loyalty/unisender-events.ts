import { z } from "zod";
import { receive, refuseDelivery, type Source } from "../outbox/inbox.ts";
import { parseJson } from "../platform/json.ts";
import type { Log } from "../platform/log.ts";
import { md5 } from "./unisender/md5.ts";
import type { UnisenderEvent, UnisenderEvents } from "./unisender-port.ts";

export interface UnisenderEventsPorts {
  /** UNISENDER_API_KEY as it is set; undefined or empty if it is not. */
  apiKey: string | undefined;
  events: UnisenderEvents;
  log: Log;
}

const Call = z.looseObject({
  events_by_user: z.array(
    z.looseObject({
      Events: z
        .array(z.looseObject({ event_name: z.string(), event_data: z.looseObject({}).nullish().catch(null) }))
        .catch([]),
    }),
  ),
});
const Text = z
  .union([z.string().max(320), z.int()])
  .transform(String)
  .optional()
  .catch(undefined);
const Data = z.looseObject({ email: Text, status: Text, campaign_id: Text });
/** Addresses that are no more, in Unisender's words. What is full or slow today may take mails tomorrow. */
const BOUNCED = new Set([
  "err_user_unknown",
  "err_user_inactive",
  "err_mailbox_discarded",
  "err_domain_inactive",
]);

/**
 * One call of Unisender's webhook, signed by MD5 over the very text with the key in the sign's place. Unsubscribing is believed; of
 * campaigns it is a hint, and they are asked about. It must be answered within three seconds.
 */
export async function answerUnisenderEvents(
  request: Request,
  ports: UnisenderEventsPorts,
): Promise<Response> {
  // Registering a webhook knocks at the address.
  if (request.method === "GET" || request.method === "HEAD") return new Response("ok");
  const apiKey = ports.apiKey?.trim() ?? "";
  if (apiKey === "" && request.method === "POST") {
    ports.log("error", "unisender_events_unconfigured", { missing: ["UNISENDER_API_KEY"] });
    return refuseDelivery(503, "unconfigured");
  }
  return await receive(request, unisender(apiKey, ports));
}

interface Kept {
  key: string;
  events: UnisenderEvent[];
}

function unisender(
  apiKey: string,
  { events, log }: UnisenderEventsPorts,
): Source<unknown, Kept, "recorded" | "repeated"> {
  return {
    name: "unisender_events",
    log,
    verify({ bytes, text }) {
      const json = parseJson(text);
      if (isSigned(bytes, json, apiKey)) return { ok: true, sender: json };
      log("warn", "unisender_events_refused");
      return { ok: false, answer: refuseDelivery(401, "forged") };
    },
    async read({ bytes }, json) {
      const call = Call.safeParse(json);
      if (!call.success) return { keep: false, answer: new Response("ok") };
      const told = call.data.events_by_user
        .flatMap(({ Events }) => Events)
        .flatMap(({ event_name, event_data }) => eventOf(event_name, Data.safeParse(event_data ?? {}).data));
      if (told.length === 0) return { keep: false, answer: new Response("ok") };
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const key = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return { keep: true, event: { key, events: told } };
    },
    append: ({ key, events: told }) => events.record(key, told),
  };
}

function eventOf(name: string, data: z.output<typeof Data> | undefined): UnisenderEvent[] {
  const { email, status = "", campaign_id } = data ?? {};
  if (name === "campaign_status") return campaign_id === undefined ? [] : [{ type: "campaign", campaign_id }];
  if (email === undefined) return [];
  if (name === "unsubscribe" || status === "ok_unsubscribed" || status === "unsubscribed")
    return [{ type: "unsubscribed", email }];
  if (name !== "email_status") return [];
  if (status === "ok_fbl" || status === "spam") return [{ type: "complained", email }];
  return BOUNCED.has(status) ? [{ type: "bounced", email }] : [];
}

const Signed = z.looseObject({ auth: z.string().regex(/^[0-9a-f]{32}$/i) });

/** By the raw text: parsed and written again, JSON has other spaces and escapes, and so another sum. */
function isSigned(bytes: Uint8Array, json: unknown, apiKey: string): boolean {
  const signed = Signed.safeParse(json);
  if (!signed.success) return false;
  const { auth } = signed.data;
  const raw = new TextDecoder().decode(bytes);
  const place = /"auth"\s*:\s*"/.exec(raw);
  const from = place === null ? -1 : place.index + place[0].length;
  if (from < 0 || raw.slice(from, from + auth.length) !== auth) return false;
  const expected = md5(new TextEncoder().encode(raw.slice(0, from) + apiKey + raw.slice(from + auth.length)));
  let difference = 0;
  for (let index = 0; index < expected.length; index += 1)
    difference |= expected.charCodeAt(index) ^ auth.toLowerCase().charCodeAt(index);
  return difference === 0;
}
