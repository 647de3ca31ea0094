import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { createLinkStore } from "../_shared/links/adapters.ts";
import { answerGo, createCounter } from "../_shared/links/go.ts";
import { systemClock } from "../_shared/platform/clock.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment, workOn } from "../_shared/platform/runtime.ts";

/** One for all calls of this worker. */
const counter = createCounter({ clock: systemClock, log: consoleLog });

/** Opened by whoever has a short link, person or machine. */
export default {
  fetch: withSupabase({ ...DATA_API, auth: "none", cors: "disabled" }, (request, context) =>
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
