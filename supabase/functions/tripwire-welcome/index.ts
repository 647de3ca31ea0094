import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { welcomePageUrl } from "../_shared/mail/settings.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createRecovery, createWelcomeLinks } from "../_shared/school/adapters.ts";
import { answerPress } from "../_shared/school/welcome.ts";

/** Called by the form of the welcome page. The token in it is the only proof that there is. */
export default {
  fetch: withSupabase({ ...DATA_API, auth: "none", cors: "disabled" }, (request, context) =>
    answerPress(request, {
      pageUrl: welcomePageUrl(environment()),
      links: createWelcomeLinks(createRpc(context.supabaseAdmin)),
      recovery: createRecovery(context.supabaseAdmin),
      log: consoleLog,
    }),
  ),
};
