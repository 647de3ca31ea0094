import type { Finding } from "#shared/admin/doctor/finding.ts";
import type { Patient } from "./patient.ts";

/** One way to be broken, and all that doctor then says but what is well. */
export interface Case {
  when: string;
  break(patient: Patient): void;
  says: [code: string, facts?: Finding["facts"]][];
}
