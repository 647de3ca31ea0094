import { z } from "zod";
import type { Rpc } from "../platform/rpc.ts";
import type { OrderStore } from "./port.ts";

const Start = z.object({ last_id: z.int(), is_nightly: z.boolean() }).nullable();

/** What is kept of a seller's orders, over the SQL functions; the seller is a row of `amocrm.loyalty_sources`. */
export function createOrderStore(rpc: Rpc, provider: string): OrderStore {
  return {
    async begin(isNightly, token, seconds) {
      const call = { p_provider: provider, p_nightly: isNightly, p_token: token, p_seconds: seconds };
      return Start.parse(await rpc("loyalty_pull_begin", call));
    },
    async store(token, orders, lastId) {
      const call = { p_provider: provider, p_token: token, p_orders: orders, p_last_id: lastId };
      return z.int().parse(await rpc("loyalty_pull_store", call));
    },
    async due(limit) {
      return z
        .array(z.string())
        .parse(await rpc("loyalty_pull_due", { p_provider: provider, p_limit: limit }));
    },
    async touch(ids) {
      await rpc("loyalty_pull_touch", { p_provider: provider, p_ids: ids });
    },
    async end(token, isNightOver, error) {
      await rpc("loyalty_pull_end", {
        p_provider: provider,
        p_token: token,
        p_is_night_over: isNightOver,
        p_error: error,
      });
    },
  };
}

/** Which events at TimePad are to be read now. */
export async function timepadEventsDue(rpc: Rpc, isNightly: boolean): Promise<number[]> {
  return z.array(z.int()).parse(await rpc("loyalty_timepad_due", { p_nightly: isNightly }));
}
