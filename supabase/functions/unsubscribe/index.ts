import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { createWayOut } from "../_shared/followups/adapters.ts";
import { answerUnsubscribe } from "../_shared/followups/unsubscribe.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";

/** Called by mailboxes' own buttons and by the page for unsubscribing. The token in the address is the only proof that there is. */
export default {
  fetch: withSupabase({ ...DATA_API, auth: "none", cors: "disabled" }, (request, context) =>
    answerUnsubscribe(request, { wayOut: createWayOut(createRpc(context.supabaseAdmin)), log: consoleLog }),
  ),
};
