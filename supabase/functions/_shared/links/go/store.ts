import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { LinkStore } from "./port.ts";

const Opened = z.object({ target_url: z.string(), is_expired: z.boolean() }).nullable();

/** Links over the named functions of the database, as service_role. */
export function createLinkStore(rpc: Rpc): LinkStore {
  return {
    async open(code) {
      return Opened.parse(await rpc("link_open", { p_code: code }));
    },
    async count(hits) {
      await rpc("link_count", { p_hits: hits });
    },
  };
}
