import { z } from "zod";
import type { Rpc } from "../platform/rpc.ts";
import type { LeasedQueue } from "./port.ts";
import { failingAsStore } from "./store-failures.ts";

const Start = z.enum(["granted", "busy", "paused", "breaker_open"]);

/** The lease of a queue over the SQL functions of its own. `beginning` is what its begin takes beside the token. */
export function createLease(
  rpc: Rpc,
  queue: "amocrm" | "message",
  beginning: Readonly<Record<string, string>> = {},
): LeasedQueue {
  return leaseOver((name, args) => rpc(`${queue}_drain_${name}`, args), beginning);
}

/** The lease of a queue that has a function of its own to begin, and shares the others. */
export function createQueueLease(
  rpc: Rpc,
  queue: "sms" | "unisender",
  beginning: Readonly<Record<string, string>>,
): LeasedQueue {
  return leaseOver(
    (name, args) =>
      name === "begin"
        ? rpc(`${queue}_drain_begin`, args)
        : rpc(`outbox_${name}`, { p_queue: queue, ...args }),
    beginning,
  );
}

/** `call` knows which SQL function a name stands for. */
function leaseOver(call: Rpc, beginning: Readonly<Record<string, string>>): LeasedQueue {
  return failingAsStore<LeasedQueue>({
    async begin(token) {
      return Start.parse(await call("begin", { p_token: token, ...beginning }));
    },
    async extend(token) {
      await call("extend", { p_token: token });
    },
    async end(token, hasFailed) {
      return z.boolean().parse(await call("end", { p_token: token, p_has_failed: hasFailed }));
    },
    async lookAgain() {
      return z.boolean().parse(await call("look_again"));
    },
  });
}
