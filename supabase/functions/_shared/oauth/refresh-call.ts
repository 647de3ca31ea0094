import { runConfigured } from "../drain/run-configured.ts";
import type { Heartbeat } from "../outbox/port.ts";
import type { Log } from "../platform/log.ts";
import type { AmocrmAccess, OAuthApp, Settings } from "../platform/settings.ts";
import { refreshDue } from "../tokens/refresh-due.ts";
import type { StoredTokensPorts } from "../tokens/stored-tokens.ts";

/** What one call of `/refresh` needs. */
export interface RefreshCallPorts {
  settings: Settings;
  heartbeat: Heartbeat;
  log: Log;
  tokensOf(access: AmocrmAccess, app: OAuthApp): StoredTokensPorts;
}

/** Cron's call ahead of the token's end. A long-lived token is renewed by nobody. */
export function runRefresh({ settings, heartbeat, log, tokensOf }: RefreshCallPorts): Promise<void> {
  return runConfigured({
    name: "refresh",
    settings,
    heartbeat,
    log,
    work: async (access) =>
      access.oauth === null || access.accessToken !== null
        ? { outcome: "unusable", code: "long_lived_token" }
        : { ...(await refreshDue(tokensOf(access, access.oauth))) },
  });
}
