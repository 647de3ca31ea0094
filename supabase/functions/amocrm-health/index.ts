import { CRON_CALLER, refuseMonitor } from "../_shared/outbox/cron-call.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { answerHealth } from "../_shared/watch/answer-health.ts";
import { answerMetrics, isForMetrics } from "../_shared/watch/answer-metrics.ts";
import { languageAsked } from "../_shared/watch/language-asked.ts";

import { createHealthReports, createMetricsReports } from "../_shared/watch/store.ts";

/** Called by an outside monitor with the monitor's token or a secret key; changes nothing (`/metrics` for Prometheus), but for the look that a stopped cron leaves out. */
export default {
  fetch: serve(CRON_CALLER, async (request, context) => {
    const rpc = createRpc(context.supabaseAdmin);
    const refusal = await refuseMonitor(request, context.authMode, rpc);
    if (refusal !== null) return refusal;
    if (request.method !== "GET") {
      return Response.json({ code: "method_not_allowed" }, { status: 405, headers: { allow: "GET" } });
    }
    if (isForMetrics(request)) {
      return await answerMetrics({ reports: createMetricsReports(rpc), clock: systemClock, log: consoleLog });
    }
    return await answerHealth({
      reports: createHealthReports(rpc),
      clock: systemClock,
      log: consoleLog,
      language: languageAsked(request),
    });
  }),
};
