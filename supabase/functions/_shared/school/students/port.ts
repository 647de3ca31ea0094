import type { StudentRequest } from "./request.ts";
import type { Student } from "./student.ts";

/** What a manager asked for, and who that manager is. */
export interface Admission extends StudentRequest {
  grantedBy: string;
}

/** Port: students in the database. Each call is one transaction. */
export interface StudentStore {
  /** The student with this address; else notes the admission and tells the account that the address has already. */
  begin(
    admission: Admission,
  ): Promise<{ state: "there"; student: Student } | { state: "begun"; userId: string | null }>;
  /** Makes an account a student and ends the admission. Repeated, it tells the same student. */
  admit(
    userId: string,
    admission: Admission,
  ): Promise<{ state: "admitted"; isNew: boolean; student: Student } | { state: "account_gone" }>;
  /** Gives an admission up, with the account that this call has made unless it has become a student's meanwhile. */
  withdraw(email: string, createdUserId: string | null): Promise<void>;
}

/** What came of asking for an account. `unclear`: no answer, or one that does not say whether there is one now. */
export type AccountOutcome =
  | { state: "created"; userId: string }
  | { state: "exists" }
  | { state: "refused"; code: string }
  | { state: "unclear" };

/** Port: accounts of Supabase Auth. */
export interface Accounts {
  /** An account without a password: its owner sets one by a link. */
  create(email: string): Promise<AccountOutcome>;
}
