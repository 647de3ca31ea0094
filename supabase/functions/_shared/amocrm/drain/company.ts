import type { Message } from "../message.ts";
import type { Operation } from "./operation.ts";

/** After that many server faults to creates in company a message's creates go alone: one of the company may be the cause. */
const MAX_FAULTS_IN_COMPANY = 2;

interface Travelling {
  operation: Pick<Operation<unknown, unknown>, "kind">;
  message: Pick<Message, "companyFaultCount" | "progress">;
}

/** A create whose message failed with others so often that it goes by itself. */
export function goesAlone({ operation, message }: Travelling): boolean {
  return operation.kind === "create" && message.companyFaultCount >= MAX_FAULTS_IN_COMPANY;
}

/**
 * Those of the calls that travel with the first one. Who shared a failed create travels with its like only: one of them
 * may be the cause, and would carry the doubt to who comes new. Who shared a refusal that named nobody goes in half of that
 * company, so that halves find the one at fault.
 */
export function inCompany<Call extends Travelling>(calls: readonly Call[], limit: number): Call[] {
  const [first] = calls;
  if (first === undefined) return [];
  if (goesAlone(first)) return [first];
  const { kind } = first.operation;
  if (kind !== "create") return calls.slice(0, limit);
  const { companyFaultCount, progress } = first.message;
  const isLike = ({ message }: Call) =>
    message.companyFaultCount === companyFaultCount &&
    message.progress.companyLimit === progress.companyLimit;
  return calls.filter(isLike).slice(0, Math.min(limit, progress.companyLimit ?? limit));
}
