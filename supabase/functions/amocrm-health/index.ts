import { withSupabase } from "@supabase/server";
import { systemClock } from "../_shared/platform/clock.ts";
import { CRON_CALLER } from "../_shared/platform/cron-call.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createHealthReports } from "../_shared/store/watch-store.ts";
import { answerHealth } from "../_shared/watch/answer-health.ts";

/** Called by an outside monitor with a secret key; changes nothing, but for the look that a stopped cron leaves out. */
export default {
  fetch: withSupabase(CRON_CALLER, async (request, context) => {
    if (request.method !== "GET") {
      return Response.json({ code: "method_not_allowed" }, { status: 405, headers: { allow: "GET" } });
    }
    return await answerHealth({
      reports: createHealthReports(createRpc(context.supabaseAdmin)),
      clock: systemClock,
      log: consoleLog,
    });
  }),
};
