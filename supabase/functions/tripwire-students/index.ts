import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { createAccounts, createStudentStore } from "../_shared/school/adapters.ts";
import { answerStudents, createStudent } from "../_shared/school/students.ts";

/** Called by a signed-in manager, from a page in any place: who calls is in the token, not in the origin. */
export default {
  fetch: withSupabase(
    { ...DATA_API, auth: "user", cors: "default", errors: { detailed: false } },
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
