import { z } from "zod";
import { PLAN_REASON_CODES } from "../../amocrm/rules.ts";

/** A request as it would be made; ids above 9,000,000,000,000 stand for what it would make itself. */
const PlannedRequest = z.object({
  method: z.string(),
  path: z.string(),
  query: z.string(),
  entity_ids: z.array(z.int()),
  message_ids: z.array(z.int()),
  body: z.unknown(),
});

/** Why something is planned: a word, and the ids that it is about. */
const PlanReason = z.object({
  code: z.enum(PLAN_REASON_CODES),
  id: z.int().nullable(),
  source: z.string().nullable(),
  pipeline_id: z.int().nullable(),
  status_id: z.int().nullable(),
});
export type PlanReason = z.infer<typeof PlanReason>;

/** What would be sent, request by request; `verdict` is how each message's turn would end, null if it had none. */
export const PlanAnswer = z.object({
  requests: z.array(PlannedRequest),
  messages: z.array(
    z.object({
      id: z.int(),
      kind: z.string(),
      subject_table: z.string(),
      subject_id: z.string(),
      reasons: z.array(PlanReason),
      verdict: z.string().nullable(),
      code: z.string().nullable(),
      message: z.string().nullable(),
    }),
  ),
  /** Messages that come later: behind one of the same person, or beyond the limit. */
  waiting_count: z.int(),
});
export type PlanAnswer = z.infer<typeof PlanAnswer>;
