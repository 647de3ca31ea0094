import { createWayOut } from "../_shared/followups/adapters.ts";
import { answerUnsubscribe } from "../_shared/followups/unsubscribe.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";

/** Called by mailboxes' own buttons and by the page for unsubscribing. The token in the address is the only proof that there is. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerUnsubscribe(request, { wayOut: createWayOut(createRpc(context.supabaseAdmin)), log: consoleLog }),
  ),
};
