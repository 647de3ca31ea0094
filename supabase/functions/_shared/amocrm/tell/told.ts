import type { z } from "zod";
import type { End, Handler, Tools } from "../handler.ts";
import type { Message } from "../message.ts";

/** So long a message waits for the deal or contact that it is for: a lead's delivery makes it. */
const MAX_WAIT_MS = 24 * 60 * 60_000;

/** A handler of what somebody told by amocrm_tell, which has checked the shape; a payload that was changed since ends the message. */
export function toldHandler<Payload>(
  schema: z.ZodType<Payload>,
  handle: (payload: Payload, message: Message, tools: Tools) => Promise<End>,
): Handler {
  return async (message, tools) => {
    const payload = schema.safeParse(message.payload);
    return payload.success
      ? handle(payload.data, message, tools)
      : {
          kind: "rejected",
          code: "payload_malformed",
          message: `The payload is none of ${message.kind}: look at it in amocrm_outbox`,
        };
  };
}

/** Nobody made a deal or contact yet: waits for it, and is dead in the end. */
export function waitFor(what: "deal" | "contact", message: Message, tools: Tools): End {
  const code = `no_${what}`;
  const isOver = tools.nowMs() - Date.parse(message.createdAt) >= MAX_WAIT_MS;
  return isOver
    ? { kind: "rejected", code, message: `The person got no ${what} within 24 hours, and telling makes none` }
    : { kind: "waiting", code, message: `The person has no ${what} yet, and telling makes none` };
}

/** Told by the deal's own id, and not by a row or a person of ours. */
export function namesDeal({ subjectTable }: Message): boolean {
  return subjectTable === "amocrm_deals";
}
