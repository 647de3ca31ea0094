import type { Clock } from "../../platform/clock.ts";
import type { Accounts, Admission, StudentStore } from "./port.ts";
import type { Student } from "./student.ts";

export interface StudentPorts {
  store: StudentStore;
  accounts: Accounts;
  clock: Clock;
}

export type CreateOutcome =
  | { state: "created" | "there"; student: Student }
  /** Supabase Auth takes no such address; nothing was made. */
  | { state: "refused"; code: string }
  /** Supabase Auth gave no clear answer. What it may have made becomes a student by the next call, or by the sweep. */
  | { state: "unavailable" };

/** Enough for the ways in which calls for one address meet; each further try would only wait for a broken Auth. */
const TRIES = 3;
const WAIT_BETWEEN_MS = 100;

/**
 * Makes somebody a student: an account and a row, both or neither, and one student per address. The account exists
 * outside of the database's transactions, so the admission is noted before and ended with the row's insert; whoever
 * finds a half of it, this call or a later one, goes on from there.
 */
export async function createStudent(admission: Admission, ports: StudentPorts): Promise<CreateOutcome> {
  const { store, accounts, clock } = ports;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const begun = await store.begin(admission);
    if (begun.state === "there") return begun;
    if (begun.userId !== null) {
      const admitted = await admit(begun.userId, null, admission, store);
      if (admitted !== null) return admitted;
    } else {
      const account = await accounts.create(admission.email);
      if (account.state === "refused") {
        await store.withdraw(admission.email, null);
        return account;
      }
      if (account.state === "created") {
        const admitted = await admit(account.userId, account.userId, admission, store);
        if (admitted !== null) return admitted;
      }
    }
    // Another call made the account, or deleted it, at this very moment: the next look shows which.
    await clock.sleep(WAIT_BETWEEN_MS);
  }
  return { state: "unavailable" };
}

/** Null if the account was deleted in between. If the row is refused, the account that this call made goes as well. */
async function admit(
  userId: string,
  createdUserId: string | null,
  admission: Admission,
  store: StudentStore,
): Promise<CreateOutcome | null> {
  try {
    const admitted = await store.admit(userId, admission);
    if (admitted.state === "account_gone") return null;
    return { state: admitted.isNew ? "created" : "there", student: admitted.student };
  } catch (error) {
    // If this fails as well, the sweep makes whole what is half.
    await store.withdraw(admission.email, createdUserId).catch(() => {});
    throw error;
  }
}
