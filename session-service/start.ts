import { systemClock } from "#shared/platform/clock.ts";
import { VERSION } from "#shared/platform/version.ts";
import { createSignIn, type SignInParts } from "./browser/sign-in.ts";
import { listen } from "./http/server.ts";
import { createService } from "./service.ts";
import { SessionKeeper } from "./session/keeper.ts";
import type { ServiceLog } from "./session/port.ts";
import type { ServiceSettings } from "./settings.ts";
import { createStopNote } from "./stop-note.ts";

/** How long calls that are under way may take at the end. */
const MAX_END_MS = 30_000;

/** The service as it runs. */
export interface RunningService {
  url: string;
  /** In order: no new calls, those under way to their end, the browser closed. */
  stop(): Promise<void>;
}

/** Puts the real parts together: sockets, the browser, the machine's clock. */
export async function startService(
  settings: ServiceSettings,
  log: ServiceLog,
  hooks: Pick<SignInParts, "pictured" | "patienceMs" | "launch"> = {},
): Promise<RunningService> {
  const fetch = globalThis.fetch;
  const signIn = createSignIn({ ...settings, clock: systemClock, fetch, log, ...hooks });
  const keeper = new SessionKeeper({
    signIn,
    clock: systemClock,
    intervalMs: settings.signInIntervalMs,
    note: createStopNote(settings.stateDir, settings),
    log,
  });
  const service = createService({
    origin: settings.origin,
    keeper,
    fetch,
    secret: settings.secret,
    version: VERSION,
    log,
  });
  const server = await listen(service, settings, log);
  log("listening", { url: server.url, account: settings.origin });
  void keeper.start();
  return {
    url: server.url,
    async stop() {
      service.stop();
      const waiting = new AbortController();
      await Promise.race([server.close(), systemClock.sleep(MAX_END_MS, waiting.signal)]);
      waiting.abort();
      await signIn.close();
      log("stopped");
    },
  };
}
