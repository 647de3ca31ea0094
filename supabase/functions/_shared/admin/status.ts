import type { StatusAnswer } from "./answer.ts";
import type { AdminPorts } from "./port.ts";

/**
 * How things are. The database's own verdict comes first; if it finds nothing wrong, the functions' settings may still
 * lack something, which the database only learns when it first calls the drain.
 */
export async function readStatus({ store, account }: AdminPorts): Promise<StatusAnswer> {
  const [health, outbox, duplicateCount, deadLetterCount] = await Promise.all([
    store.health(),
    store.outboxRows(),
    store.duplicateCount(),
    store.deadLetterCount(),
  ]);
  const { hindrance } = account;
  const judged =
    health.verdict === "ok" && hindrance !== null
      ? { verdict: hindrance.verdict, problem: hindrance.message, remedy: "supabase secrets set" }
      : { verdict: health.verdict, problem: health.problem, remedy: health.remedy };
  return {
    ...judged,
    health,
    outbox,
    duplicate_count: duplicateCount,
    dead_letter_count: deadLetterCount,
  };
}
