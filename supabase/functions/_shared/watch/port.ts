import type { Metrics } from "./metrics.ts";
import type { HealthReport } from "./report.ts";

/** Port: the database's word on itself. It also looks for trouble where cron has not for two minutes. */
export interface HealthReports {
  read(): Promise<HealthReport>;
}

/** Port: the database's numbers, for Prometheus. */
export interface MetricsReports {
  read(): Promise<Metrics>;
}
