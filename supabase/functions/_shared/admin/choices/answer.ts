import { z } from "zod";
import { Configuration, MappedField } from "../../amocrm/configuration.ts";
import { AlertRoad, PipelineStage } from "../answer.ts";

const Named = z.object({ id: z.int(), name: z.string() });

/** What there is to choose from in a setup, and what is chosen now. */
export const ChoicesAnswer = z.object({
  /** In words why amoCRM could not be asked; then there is no account. */
  reason: z.string().nullable(),
  account: z
    .object({
      /** Without archived ones, in the account's order. */
      pipelines: z.array(
        Named.extend({ is_main: z.boolean(), stages: z.array(PipelineStage.omit({ used_by: true })) }),
      ),
      /** Active ones; null if the token's user may not see them. */
      users: z.array(Named).nullable(),
      fields: z.array(Named.extend({ entity: z.enum(["contact", "deal"]), code: z.string().nullable() })),
    })
    .nullable(),
  /** What may move a student's deal, in its order. */
  events: z.array(z.object({ event: z.string(), title: z.string() })),
  configured: Configuration.pick({ routes: true, stages: true }).extend({ fields: z.array(MappedField) }),
  alert_roads: z.array(AlertRoad),
  /** Variables of optional parts that the functions do not have, by name. */
  unset_variables: z.array(z.string()).default([]),
});
export type ChoicesAnswer = z.infer<typeof ChoicesAnswer>;
