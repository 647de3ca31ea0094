import { createLinkStore } from "../_shared/links/adapters.ts";
import { answerGo, createCounter } from "../_shared/links/go.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { serve } from "../_shared/platform/data-api-connection.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment, workOn } from "../_shared/platform/runtime.ts";

/** One for all calls of this worker. */
const counter = createCounter({ clock: systemClock, log: consoleLog });

/** Opened by whoever has a short link, person or machine. */
export default {
  fetch: serve({ readsSecretKeys: false }, (request, context) =>
    answerGo(request, {
      store: createLinkStore(createRpc(context.supabaseAdmin)),
      counter,
      workOn,
      newId: () => crypto.randomUUID(),
      fallbackUrl: environment()["LINK_FALLBACK_URL"]?.trim() || undefined,
      clock: systemClock,
      log: consoleLog,
    }),
  ),
};
