import type { z } from "zod";
import { receive, refuseDelivery, type Source } from "../outbox/inbox.ts";
import { parseJson } from "../platform/json.ts";
import { isSameSecret } from "../platform/same-secret.ts";
import { type DoorPorts, idsOf, type Kept, keepIn, kept, keyOf, setting } from "./social/door.ts";
import { readVk, VkCall } from "./social/vk.ts";

const BODY_MAX_BYTES = 256 * 1024;

/**
 * One call of VK's Callback API. The secret stands in the body, so the body is read as JSON first and nothing of it believed. VK
 * takes only the word `ok`, and pauses a server that says anything else too often.
 */
export async function answerVkEvents(request: Request, ports: DoorPorts): Promise<Response> {
  const secret = setting(ports.environment, "VK_SECRET");
  if (secret === "" && request.method === "POST") {
    ports.log("error", "vk_events_unconfigured", { missing: ["VK_SECRET"] });
    return refuseDelivery(503, "unconfigured");
  }
  return await receive(request, vk(secret, ports));
}

type Call = z.infer<typeof VkCall>;

function vk(
  secret: string,
  { environment, inbox, log }: DoorPorts,
): Source<Call, Kept, "stored" | "duplicate"> {
  const groups = idsOf(environment, "VK_GROUP_IDS");
  const append = keepIn(inbox, groups === null);
  return {
    name: "vk_events",
    bodyMaxBytes: BODY_MAX_BYTES,
    log,
    async verify({ text }) {
      const parsed = VkCall.safeParse(parseJson(text));
      const told = parsed.success ? parsed.data.secret : undefined;
      // The confirmation may come before VK knows the secret, and tells nothing that helps anybody else.
      const isAsking = parsed.success && parsed.data.type === "confirmation" && told === undefined;
      if (!(await isSameSecret(told ?? "", secret)) && !isAsking) {
        log("warn", "vk_events_refused");
        return { ok: false, answer: refuseDelivery(401, "wrong_secret") };
      }
      if (!parsed.success) return { ok: false, answer: refuseDelivery(400, "unexpected_shape") };
      const { group_id: group } = parsed.data;
      if (groups !== null && !groups.has(String(group))) {
        log("warn", "vk_events_refused", { group: group ?? null });
        return { ok: false, answer: refuseDelivery(403, "unknown_group") };
      }
      return { ok: true, sender: parsed.data };
    },
    async read({ text }, call) {
      if (call.type === "confirmation") {
        const code = confirmationOf(setting(environment, "VK_CONFIRMATION"), String(call.group_id));
        const answer = code === null ? refuseDelivery(503, "unconfigured") : new Response(code);
        return { keep: false, answer };
      }
      return await kept(await keyOf(call.event_id, text), readVk(call));
    },
    append: (event) => append(event, null),
  };
}

/** `abc123` for one community; `111:abc123, 222:def456` where several call, each of which has a code of its own. */
function confirmationOf(variable: string, group: string): string | null {
  for (const part of variable.split(/[\s,;]+/)) {
    const [, of, code = null] = /^(?:(\d+)[:=])?(\S+)$/.exec(part) ?? [];
    if (of === undefined || of === group) return code;
  }
  return null;
}
