import type { Rpc } from "../../platform/rpc.ts";
import { Answered, DoctorFacts } from "./facts.ts";
import type { DoctorStore } from "./port.ts";

/** What doctor asks, over its SQL functions; see the migration `doctor`. */
export function createDoctorStore(rpc: Rpc): DoctorStore {
  return {
    async facts() {
      return DoctorFacts.parse(await rpc("amocrm_doctor_facts"));
    },
    async callAnswer(callId) {
      return Answered.parse(await rpc("amocrm_doctor_answer", { p_call_id: callId }));
    },
  };
}
