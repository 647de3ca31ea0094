import type { Rpc } from "../platform/rpc.ts";
import type { Heartbeat } from "./port.ts";

/** The heartbeat of one component. */
export function createHeartbeat(rpc: Rpc, component: string): Heartbeat {
  return {
    async beat(state, missing, detail) {
      await rpc("amocrm_heartbeat", {
        p_component: component,
        p_state: state,
        p_missing: missing,
        p_detail: detail,
      });
    },
  };
}
