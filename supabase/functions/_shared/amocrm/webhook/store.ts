import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { HookStore } from "./port.ts";

const Outcome = z.enum(["stored", "duplicate", "full", "other_account", "unknown"]);

/** The deliveries over their SQL function. */
export function createHookStore(rpc: Rpc): HookStore {
  return {
    async receive(secretHash, { key, accountId, hints, body }) {
      return Outcome.parse(
        await rpc("amocrm_webhook_receive", {
          p_secret_hash: secretHash,
          p_key: key,
          p_account_id: accountId,
          p_hints: hints,
          p_body: body,
        }),
      );
    },
  };
}
