import type { SupabaseContext } from "@supabase/server";
import { createPacer } from "../_shared/drain/pacer.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createConnectionStore, createConsentStore } from "../_shared/store/oauth-store.ts";
import { createHeartbeat, createPaceStore } from "../_shared/store/outbox-store.ts";
import { createRequestLog } from "../_shared/store/request-log-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";
import { createTokenStore } from "../_shared/store/token-store.ts";

/** What a call asks amoCRM with and where it keeps the answers, made of the real parts. */
export function portsOf(
  supabaseAdmin: SupabaseContext["supabaseAdmin"],
  variables: Readonly<Record<string, string | undefined>>,
) {
  const rpc = createRpc(supabaseAdmin);
  const pace = createPaceStore(rpc);
  const store = createTokenStore(rpc, projectOf(variables));
  const requestLog = createRequestLog(rpc, "amocrm-oauth", systemClock.nowMs, log);
  return {
    asking: { slots: createPacer(pace, systemClock, null), store, pace, log, requestLog },
    heartbeat: createHeartbeat(rpc, "amocrm-oauth"),
    consents: createConsentStore(rpc),
    connections: createConnectionStore(rpc, store),
  };
}
