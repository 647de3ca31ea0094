import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { createIntakeStore } from "../_shared/leads/adapters.ts";
import { answerIntake } from "../_shared/leads/intake.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";

/** Called by whoever hosts a form (Tilda, Taplink, any other), who has a key of the form's own and none of this project. */
export default {
  fetch: withSupabase({ ...DATA_API, auth: "none", cors: "disabled" }, (request, context) =>
    answerIntake(request, { store: createIntakeStore(createRpc(context.supabaseAdmin)), log: consoleLog }),
  ),
};
