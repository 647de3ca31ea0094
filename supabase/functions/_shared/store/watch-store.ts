import type { HealthReports } from "../watch/port.ts";
import { HealthReport } from "../watch/report.ts";
import type { Rpc } from "./rpc.ts";

/** The report for outside monitors, over its SQL function; see the migration `second_road`. */
export function createHealthReports(rpc: Rpc): HealthReports {
  return { read: async () => HealthReport.parse(await rpc("amocrm_health_report")) };
}
