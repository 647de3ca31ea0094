import { withSupabase } from "@supabase/server";
import { systemClock } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createAccounts } from "../_shared/store/auth-accounts.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createStudentStore } from "../_shared/store/student-store.ts";
import { createStudent } from "../_shared/students/create-student.ts";
import { answerStudents } from "../_shared/students/endpoint.ts";

/** Called by a signed-in manager, from a page in any place: who calls is in the token, not in the origin. */
export default {
  fetch: withSupabase(
    { auth: "user", cors: "default", errors: { detailed: false } },
    async (request, { userClaims, supabaseAdmin }) => {
      const manager = userClaims && { id: userClaims.id, role: userClaims.appMetadata?.["role"] };
      return answerStudents(request, manager, consoleLog, (admission) =>
        createStudent(admission, {
          store: createStudentStore(createRpc(supabaseAdmin)),
          accounts: createAccounts(supabaseAdmin, systemClock),
          clock: systemClock,
        }),
      );
    },
  ),
};
