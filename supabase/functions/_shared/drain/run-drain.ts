import type { Heartbeat } from "../outbox/port.ts";
import type { Log } from "../platform/log.ts";
import type { AmocrmAccess, Settings } from "../platform/settings.ts";
import type { DrainReport } from "./lease.ts";
import { runConfigured } from "./run-configured.ts";

/** What one call of amocrm-drain needs. */
export interface RunPorts {
  settings: Settings;
  heartbeat: Heartbeat;
  log: Log;
  drain(access: AmocrmAccess): Promise<DrainReport>;
}

/** One call of amocrm-drain: messages wait while the functions are switched off or not configured. */
export function runDrain({ drain, ...ports }: RunPorts): Promise<void> {
  return runConfigured({ ...ports, name: "drain", work: async (access) => ({ ...(await drain(access)) }) });
}
