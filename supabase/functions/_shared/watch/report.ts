import { z } from "zod";
import { LANGUAGES } from "../platform/text.ts";

/** An incident that is not over: a row of `amocrm_alerts`. */
export const OpenAlert = z.object({
  code: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  detail: z.string(),
  remedy: z.string().nullable(),
  first_seen_at: z.string(),
  /** Since when it is no longer found; it is closed a quarter of an hour later, unless it comes back. */
  over_since: z.string().nullable(),
});
export type OpenAlert = z.infer<typeof OpenAlert>;

/** What `amocrm_health_report` tells: whether leads reach amoCRM, what is wrong, and which incidents are open. */
export const HealthReport = z.object({
  is_well: z.boolean(),
  verdict: z.string(),
  problem: z.string().nullable(),
  remedy: z.string().nullable(),
  notice: z.string().nullable(),
  version: z.string().nullable(),
  mail: z.object({ verdict: z.string(), problem: z.string().nullable(), remedy: z.string().nullable() }),
  open_alerts: z.array(OpenAlert),
  /** The language and the zone of alerts; a database older than this says neither. */
  language: z.enum(LANGUAGES).nullish(),
  time_zone: z.string().default("UTC"),
});
export type HealthReport = z.infer<typeof HealthReport>;
