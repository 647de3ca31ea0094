import { createIntakeStore } from "../_shared/leads/adapters.ts";
import { answerIntake } from "../_shared/leads/intake.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";

/** Called by whoever hosts a form (Tilda, Taplink, any other), who has a key of the form's own and none of this project. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerIntake(request, { store: createIntakeStore(createRpc(context.supabaseAdmin)), log: consoleLog }),
  ),
};
