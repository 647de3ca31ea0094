import type { Step } from "../answer.ts";

/** One row to be written, and what is known about it. */
export interface RowWork<T> {
  step: string;
  wanted: T;
  /** The row as it is; undefined if there is none. */
  present: T | undefined;
  /** Why the account does not take it; null if it does, or could not be asked. */
  problem: string | null;
  /** Why the account could not be asked; null if it was. */
  doubt: string | null;
  /** What the account takes and nobody is likely to want; null or absent if nothing is. */
  caution?: string | null;
  /** The row in words. */
  words: string;
  save(row: T): Promise<void>;
}

/** Writes the row unless the account does not know what it names, or it is there already. */
export async function writeRow<T extends object>(work: RowWork<T>): Promise<Step> {
  const { step, wanted, present, problem, doubt, words } = work;
  if (problem !== null) return { step, outcome: "refused", detail: problem };
  const isThere = present !== undefined && isSame(wanted, present);
  if (!isThere) await work.save(wanted);
  if (doubt !== null) {
    const done = isThere ? "is there already" : "was written";
    return { step, outcome: "warning", detail: `${words}: ${done}, but is not verified: ${doubt}` };
  }
  if (work.caution) return { step, outcome: "warning", detail: `${words}: ${work.caution}` };
  return { step, outcome: isThere ? "unchanged" : "done", detail: words };
}

/** Compares by the columns of the first. */
function isSame<T extends object>(wanted: T, present: T): boolean {
  return Object.entries(wanted).every(
    ([column, value]) =>
      JSON.stringify(value) === JSON.stringify((present as Record<string, unknown>)[column]),
  );
}
