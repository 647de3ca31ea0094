import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { PlanStore } from "./port.ts";

const Claims = z.object({
  waitingCount: z.int(),
  claims: z.array(
    z.looseObject({
      messages: z.array(
        z.looseObject({ id: z.int(), kind: z.string(), subjectTable: z.string(), subjectId: z.string() }),
      ),
      matches: z.array(
        z.looseObject({
          id: z.int(),
          by: z.string().nullable(),
          contact: z.looseObject({ id: z.int() }).nullable(),
        }),
      ),
      configuration: z.looseObject({ pipelines: z.array(z.unknown()), routes: z.array(z.unknown()) }),
    }),
  ),
});

/** What a plan asks the database. */
export function createPlanStore(rpc: Rpc): PlanStore {
  return {
    claims: async (lead, limit) =>
      Claims.parse(await rpc("amocrm_plan_claim", { p_lead: lead, p_limit: limit })),
    rows: async (entity, ids, query) =>
      z
        .array(z.unknown())
        .parse(await rpc("amocrm_plan_rows", { p_entity: entity, p_ids: ids, p_query: query })),
    read: rpc,
  };
}
