import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { Admission, StudentStore } from "./port.ts";
import { Student } from "./student.ts";

const Begun = z.discriminatedUnion("state", [
  z.object({ state: z.literal("there"), student: Student }),
  z.object({ state: z.literal("begun"), userId: z.uuid().nullable() }),
]);
const Admitted = z.discriminatedUnion("state", [
  z.object({ state: z.literal("admitted"), isNew: z.boolean(), student: Student }),
  z.object({ state: z.literal("account_gone") }),
]);

/** Students over the named functions of the database, as service_role. */
export function createStudentStore(rpc: Rpc): StudentStore {
  return {
    async begin(admission) {
      return Begun.parse(await rpc("tripwire_begin_admission", admissionArguments(admission)));
    },
    async admit(userId, admission) {
      return Admitted.parse(
        await rpc("tripwire_admit", { p_user_id: userId, ...admissionArguments(admission) }),
      );
    },
    async withdraw(email, createdUserId) {
      await rpc("tripwire_withdraw_admission", { p_email: email, p_created_user_id: createdUserId });
    },
  };
}

function admissionArguments({ email, full_name, phone, grantedBy }: Admission): Record<string, unknown> {
  return { p_email: email, p_full_name: full_name, p_phone: phone, p_granted_by: grantedBy };
}
