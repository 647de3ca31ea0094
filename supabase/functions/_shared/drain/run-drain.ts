import type { Heartbeat } from "../outbox/port.ts";
import type { Log } from "../platform/log.ts";
import type { AmocrmAccess, Settings } from "../platform/settings.ts";
import type { DrainReport } from "./drain.ts";

/** What one call of amocrm-drain needs. */
export interface RunPorts {
  settings: Settings;
  heartbeat: Heartbeat;
  log: Log;
  drain(access: AmocrmAccess): Promise<DrainReport>;
}

/**
 * One call of amocrm-drain. Switched off or not configured: messages wait, and the heartbeat says exactly why, so
 * that amocrm_health can name it.
 */
export async function runDrain({ settings, heartbeat, log, drain }: RunPorts): Promise<void> {
  if (settings.state === "disabled") {
    await heartbeat.beat("disabled", [], "AMOCRM_ENABLED is false");
    log("info", "drain_disabled");
    return;
  }
  if (settings.state === "unconfigured") {
    await heartbeat.beat("unconfigured", settings.missing, settings.message);
    log("error", "drain_unconfigured", { missing: settings.missing, message: settings.message });
    return;
  }
  try {
    await heartbeat.beat("ok", [], null);
    const report = await drain(settings.access);
    log("info", "drain_ended", { ...report });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log("error", "drain_failed", { message });
    await heartbeat.beat("failed", [], message);
  }
}
