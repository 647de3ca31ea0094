import type { SupabaseContext } from "@supabase/server";
import { createConnectionStore, createConsentStore } from "../_shared/amocrm/adapters.ts";
import { createRequestLog, createTokenStore } from "../_shared/amocrm/connection.ts";
import { createHeartbeat } from "../_shared/outbox/heartbeat-store.ts";
import { createPacer } from "../_shared/outbox/pacer.ts";
import { createPaceStore } from "../_shared/outbox/store.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { consoleLog as log } from "../_shared/platform/log.ts";
import { projectOf } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";

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
