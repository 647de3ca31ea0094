import { z } from "zod";

/** What would be sent for waiting messages; no request is made and nothing changes. The answer holds personal data. */
export const PlanRequest = z.strictObject({
  action: z.literal("plan"),
  /** The id of a lead or student; null for all that waits. */
  lead: z.uuid("must be the id of a lead or student").nullable().default(null),
  limit: z.int().min(1).max(500).default(50),
});
export type PlanRequest = z.output<typeof PlanRequest>;
