import type { Configured } from "../platform/configured.ts";
import { messageOf } from "../platform/error-message.ts";
import type { Log, LogFacts } from "../platform/log.ts";
import type { Heartbeat } from "./port.ts";

/** What one call of a function that cron calls needs. */
export interface ConfiguredPorts<Access> {
  /** The word for the work in the log: `drain` gives `drain_ended`. */
  name: string;
  settings: Configured<Access>;
  heartbeat: Heartbeat;
  log: Log;
  work(access: Access): Promise<LogFacts>;
  /** Settings without which the work goes on, but not all of it; the heartbeat names them. */
  lacking?(access: Access): readonly string[];
}

/**
 * One call of a function that cron calls. Switched off or not configured: nothing is done, and the heartbeat says
 * exactly why, so that amocrm_health can name it.
 */
export async function runConfigured<Access>({
  name,
  settings,
  heartbeat,
  log,
  work,
  lacking,
}: ConfiguredPorts<Access>): Promise<void> {
  if (settings.state === "disabled") {
    await heartbeat.beat("disabled", [], "AMOCRM_ENABLED is false");
    log("info", `${name}_disabled`);
    return;
  }
  if (settings.state === "unconfigured") {
    await heartbeat.beat("unconfigured", settings.missing, settings.message);
    log("error", `${name}_unconfigured`, { missing: settings.missing, message: settings.message });
    return;
  }
  try {
    const without = [...(lacking?.(settings.access) ?? [])];
    await heartbeat.beat("begun", without, null);
    const report = await work(settings.access);
    // Only now: what fails or is ended each time must not look well in between.
    await heartbeat.beat("ok", without, null);
    log("info", `${name}_ended`, report);
  } catch (error) {
    const message = messageOf(error);
    log("error", `${name}_failed`, { message });
    await heartbeat.beat("failed", [], message);
  }
}
