import type { Rpc } from "../platform/rpc.ts";
import type { HealthReports } from "./port.ts";
import { HealthReport } from "./report.ts";

/** The report for outside monitors, over its SQL function; see the migration `second_road`. */
export function createHealthReports(rpc: Rpc): HealthReports {
  return { read: async () => HealthReport.parse(await rpc("amocrm_health_report")) };
}
