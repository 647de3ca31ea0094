import type { Heartbeat } from "../../outbox/port.ts";
import { runConfigured } from "../../outbox/run-configured.ts";
import type { Log } from "../../platform/log.ts";
import type { AmocrmAccess, Settings } from "../settings.ts";
import type { TokenParts } from "../tokens/port.ts";
import { refreshDue } from "../tokens/refresh-due.ts";
import { storedTokensPorts } from "../tokens/tokens-for.ts";

/** What one call of `/refresh` needs. */
export interface RefreshCallPorts {
  settings: Settings;
  heartbeat: Heartbeat;
  log: Log;
  partsOf(access: AmocrmAccess): TokenParts;
}

/** Cron's call ahead of the token's end. A long-lived token is renewed by nobody. */
export function runRefresh({ settings, heartbeat, log, partsOf }: RefreshCallPorts): Promise<void> {
  return runConfigured({
    name: "refresh",
    settings,
    heartbeat,
    log,
    work: async (access) =>
      access.oauth === null || access.accessToken !== null
        ? { outcome: "unusable", code: "long_lived_token" }
        : { ...(await refreshDue(storedTokensPorts(access, access.oauth, partsOf(access)))) },
  });
}
