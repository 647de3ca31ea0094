import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { SubscriptionStore } from "./port.ts";

const State = z.object({
  state: z.enum(["off", "on", "broken"]),
  secretHash: z.string().nullable(),
  address: z.string().nullable(),
  isDeaf: z.boolean(),
  isCheckDue: z.boolean(),
});

/** The subscription over its SQL functions. */
export function createSubscriptionStore(rpc: Rpc): SubscriptionStore {
  return {
    async read() {
      return State.parse(await rpc("amocrm_webhook_state"));
    },
    async keep(secretHash, isHealed) {
      await rpc("amocrm_webhook_keep", { p_secret_hash: secretHash, p_is_healed: isHealed });
    },
    async note(state, problemCode) {
      await rpc("amocrm_webhook_note", { p_state: state, p_problem_code: problemCode });
    },
    async switchOff() {
      await rpc("amocrm_webhook_off");
    },
  };
}
