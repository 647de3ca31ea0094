import { type Bytes, readBytes } from "../../platform/body.ts";
import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import { storable } from "../../platform/storable.ts";

/** More than any sender that we know has reason to send. */
const BODY_MAX_BYTES = 1024 * 1024;

/** One call as it came: nothing of it is believed. */
export interface Delivery {
  request: Request;
  /** As sent; a signature covers these. */
  bytes: Bytes;
  /** The bytes as UTF-8, storable: without NUL, and with a sign where a byte is no letter. */
  text: string;
}

/** Who calls, or the answer for who may not. */
type Verified<Sender> = { ok: true; sender: Sender } | { ok: false; answer: Response };

/** What is to be kept of a delivery, or the answer for one of which nothing is. */
export type Read<Kept> = { keep: true; event: Kept } | { keep: false; answer: Response };

/**
 * One source of events. Expected outcomes are values; `verify` and `append` may throw if the database cannot be asked,
 * `read` never throws, whatever came.
 */
export interface Source<Sender, Kept, Outcome extends string> {
  /** Begins the names of its lines in the log, such as `mail_webhook`. */
  name: string;
  bodyMaxBytes?: number;
  log: Log;
  /** By a signature over the bytes, or by the hash of a secret in the address: never by comparing a secret itself. */
  verify(delivery: Delivery): Verified<Sender> | Promise<Verified<Sender>>;
  read(delivery: Delivery, sender: Sender): Read<Kept> | Promise<Read<Kept>>;
  append(event: Kept, sender: Sender): Promise<Outcome | "full">;
  /** After the event is kept; `ok` in plain text if the sender cares for nothing else. */
  answer?(outcome: Outcome, event: Kept): Response;
}

/**
 * The one recipe of all inboxes: reads at most 1 MiB, verifies, keeps, answers. Nothing is worked on here that could keep a
 * sender waiting. 503 only if the event could not be kept, since most senders repeat what is not answered with 2xx.
 */
export async function receive<Sender, Kept, Outcome extends string>(
  request: Request,
  source: Source<Sender, Kept, Outcome>,
): Promise<Response> {
  const { name, log, bodyMaxBytes = BODY_MAX_BYTES } = source;
  if (request.method !== "POST") return refuseDelivery(405, "method_not_allowed", { allow: "POST" });
  try {
    const bytes = await readBytes(request, bodyMaxBytes);
    if (bytes === null) return refuseDelivery(413, "body_too_large");
    const delivery = { request, bytes, text: storable(new TextDecoder().decode(bytes)) };
    const verified = await source.verify(delivery);
    if (!verified.ok) return verified.answer;
    const read = await source.read(delivery, verified.sender);
    if (!read.keep) return read.answer;
    const outcome = await source.append(read.event, verified.sender);
    if (outcome === "full") {
      log("error", `${name}_full`);
      return refuseDelivery(429, "inbox_full", { "retry-after": "60" });
    }
    return source.answer?.(outcome, read.event) ?? new Response("ok");
  } catch (error) {
    log("error", `${name}_failed`, { message: messageOf(error) });
    return refuseDelivery(503, "not_recorded", { "retry-after": "5" });
  }
}

/** The answer for who is not let in or cannot be served now: a code and no word more. */
export function refuseDelivery(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code }, { status, headers });
}
