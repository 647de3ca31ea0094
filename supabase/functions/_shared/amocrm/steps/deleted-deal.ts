import { readDeal } from "../drain/operations.ts";
import type { End, Tools } from "../handler.ts";

/**
 * Why a deal was refused something: `gone` if a manager deleted it since it was made or read, else the end as it is.
 * amoCRM is asked, because the refusal may have had any other cause; if it cannot be asked now, the message waits.
 */
export async function checkDealDeleted(end: End, dealId: number, tools: Tools): Promise<End | "gone"> {
  if (end.kind !== "failed" || end.failed.verdict !== "rejected") return end;
  const answer = await tools.perform(readDeal, dealId);
  if (answer.verdict !== "delivered") return { kind: "failed", failed: answer };
  if (answer.value === null || answer.value.isDeleted) return "gone";
  return end.failed.fault.code === "not_found"
    ? { kind: "failed", failed: await tools.dispute(end.failed) }
    : end;
}
