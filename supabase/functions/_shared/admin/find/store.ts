import type { Rpc } from "../../platform/rpc.ts";
import { Known } from "./our-records.ts";
import type { FindStore } from "./port.ts";

/** What find asks; see the migration `find`. */
export function createFindStore(rpc: Rpc): FindStore {
  return {
    async known({ email, phone, lead }) {
      return Known.parse(await rpc("amocrm_find", { p_email: email, p_phone: phone, p_lead: lead }));
    },
  };
}
