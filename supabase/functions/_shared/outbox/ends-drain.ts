import { LeaseLostError } from "./port.ts";
import { StoreError } from "./store-error.ts";

/**
 * Whether an error ends the drain: without its lease or its database it can do nothing for anybody. Every other one, and data
 * that the database refuses, is the end of the message it was about and of no other.
 */
export function endsDrain(cause: unknown): boolean {
  return cause instanceof LeaseLostError || (cause instanceof StoreError && !cause.isDataFault);
}
