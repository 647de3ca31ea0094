import { withSupabase } from "@supabase/server";
import { answerPress } from "../_shared/mail/press.ts";
import { welcomePageUrl } from "../_shared/mail/settings.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createRecovery, createWelcomeLinks } from "../_shared/store/mail-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";

/** Called by the form of the welcome page. The token in it is the only proof that there is. */
export default {
  fetch: withSupabase({ auth: "none", cors: "disabled" }, (request, context) =>
    answerPress(request, {
      pageUrl: welcomePageUrl(environment()),
      links: createWelcomeLinks(createRpc(context.supabaseAdmin)),
      recovery: createRecovery(context.supabaseAdmin),
      log: consoleLog,
    }),
  ),
};
