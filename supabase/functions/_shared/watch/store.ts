import type { Rpc } from "../platform/rpc.ts";
import { Metrics } from "./metrics.ts";
import type { HealthReports, MetricsReports } from "./port.ts";
import { HealthReport } from "./report.ts";

/** The report for outside monitors, over its SQL function; see the migration `second_road`. */
export function createHealthReports(rpc: Rpc): HealthReports {
  return { read: async () => HealthReport.parse(await rpc("amocrm_health_report")) };
}

/** The numbers for Prometheus, over their SQL function; see the migration `dashboard`. */
export function createMetricsReports(rpc: Rpc): MetricsReports {
  return { read: async () => Metrics.parse(await rpc("amocrm_metrics")) };
}
