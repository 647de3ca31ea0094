import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { WayOut } from "./port.ts";

const Outcome = z.enum(["withdrawn", "again", "unknown"]);

/** Over the named function of the database, as service_role. */
export function createWayOut(rpc: Rpc): WayOut {
  return {
    async unsubscribe(token) {
      return Outcome.parse(await rpc("message_unsubscribe", { p_token: token }));
    },
  };
}
