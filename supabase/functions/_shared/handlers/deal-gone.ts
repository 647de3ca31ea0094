import { readDeal } from "../drain/operations.ts";
import type { End, Tools } from "./handler.ts";

/**
 * Was it refused because a manager deleted the deal since it was made or read? amoCRM is asked: the refusal itself may
 * have had any other cause.
 */
export async function isDealGone(end: End, dealId: number, tools: Tools): Promise<boolean> {
  if (end.kind !== "failed" || end.failed.verdict !== "rejected") return false;
  const answer = await tools.perform(readDeal, dealId);
  return answer.verdict === "delivered" && (answer.value === null || answer.value.isDeleted);
}
