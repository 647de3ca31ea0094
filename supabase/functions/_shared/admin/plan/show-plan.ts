import { type PlanPorts, planMessages } from "../../amocrm/plan.ts";
import type { PlanAnswer } from "./answer.ts";
import type { PlanRequest } from "./request.ts";

/** The plan for waiting messages, as the operator's command reads it. */
export async function showPlan({ lead, limit }: PlanRequest, ports: PlanPorts): Promise<PlanAnswer> {
  const { requests, messages, waitingCount } = await planMessages({ lead, limit }, ports);
  return {
    requests: requests.map(({ method, path, query, entityIds, messageIds, body }) => ({
      method,
      path,
      query,
      entity_ids: entityIds,
      message_ids: messageIds,
      body,
    })),
    messages: messages.map(({ subjectTable, subjectId, reasons, ...message }) => ({
      ...message,
      subject_table: subjectTable,
      subject_id: subjectId,
      reasons: reasons.map(({ code, id, source = null, pipelineId = null, statusId = null }) => ({
        code,
        id,
        source,
        pipeline_id: pipelineId,
        status_id: statusId,
      })),
    })),
    waiting_count: waitingCount,
  };
}
