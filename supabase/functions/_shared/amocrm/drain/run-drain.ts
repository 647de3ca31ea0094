import type { DrainReport } from "../../outbox/lease.ts";
import type { Heartbeat } from "../../outbox/port.ts";
import { runConfigured } from "../../outbox/run-configured.ts";
import type { Log } from "../../platform/log.ts";
import type { AmocrmAccess, Settings } from "../settings.ts";

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
