import { withSupabase } from "@supabase/server";
import { createAccountAccess } from "../_shared/admin/account-access.ts";
import { answerAdmin } from "../_shared/admin/endpoint.ts";
import { perform } from "../_shared/admin/perform.ts";
import { connectAmocrm } from "../_shared/platform/amocrm-connection.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { isSecretKey } from "../_shared/platform/project-keys.ts";
import { watchRemoteClock } from "../_shared/platform/remote-clock.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { parseSettings } from "../_shared/platform/settings.ts";
import { createAdminStore } from "../_shared/store/admin-store.ts";
import { createDoctorStore, createFindStore } from "../_shared/store/doctor-store.ts";
import { createOutboxStore, createPaceStore } from "../_shared/store/outbox-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";

/** Called by the operator's command with a secret key, or by a signed-in admin. Answers when the work is done. */
export default {
  fetch: withSupabase(
    { auth: ["secret:*", "user"], cors: "disabled", errors: { detailed: false } },
    async (request, context) => {
      const { authMode, authKeyName, userClaims, supabaseAdmin } = context;
      const caller = {
        mode: authMode,
        name: authKeyName ?? userClaims?.id ?? null,
        role: userClaims?.appMetadata?.["role"],
      };
      return answerAdmin(request, caller, consoleLog, (order) => {
        const rpc = createRpc(supabaseAdmin);
        const amocrmClock = watchRemoteClock(globalThis.fetch, systemClock);
        return perform(order, {
          store: createAdminStore(supabaseAdmin, rpc, createOutboxStore(rpc)),
          account: createAccountAccess({
            settings: parseSettings(environment()),
            pace: createPaceStore(rpc),
            clock: systemClock,
            connect: (access, slots) => connectAmocrm(access, slots, amocrmClock.fetch),
          }),
          isSecretKey,
          doctorStore: createDoctorStore(rpc),
          findStore: createFindStore(rpc),
          environment: environment(),
          project: projectOf(environment()),
          clock: systemClock,
          accountClockOffsetMs: amocrmClock.offsetMs,
        });
      });
    },
  ),
};
