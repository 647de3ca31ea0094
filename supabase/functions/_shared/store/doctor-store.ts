import { CallAnswer, DoctorFacts } from "../admin/doctor/facts.ts";
import type { DoctorStore } from "../admin/doctor/port.ts";
import { Known } from "../admin/find/known.ts";
import type { FindStore } from "../admin/find/port.ts";
import type { Rpc } from "./rpc.ts";

/** What doctor asks, over its SQL functions; see the migration `doctor`. */
export function createDoctorStore(rpc: Rpc): DoctorStore {
  return {
    async facts() {
      return DoctorFacts.parse(await rpc("amocrm_doctor_facts"));
    },
    async callAnswer(callId) {
      return CallAnswer.parse(await rpc("amocrm_doctor_answer", { p_call_id: callId }));
    },
  };
}

/** What find asks; see the migration `find`. */
export function createFindStore(rpc: Rpc): FindStore {
  return {
    async known({ email, phone, lead }) {
      return Known.parse(await rpc("amocrm_find", { p_email: email, p_phone: phone, p_lead: lead }));
    },
  };
}
