import fs from "node:fs";
import path from "node:path";

/** How many passed and failed; a report file holds one of these. */
export interface Counts {
  passed: number;
  failed: number;
}

/** The reports that a complete run leaves behind; one that is missing means that its part broke off. */
export const REPORTS = ["check", "unit-tests", "tests", "demo"] as const;
export type ReportName = (typeof REPORTS)[number];

/** Where `.ci/run` wants reports; undefined on a developer's machine, then nothing is written. */
const reportDir = (): string | undefined => process.env["TEST_REPORT_DIR"];

/** Flags that make a run of Vitest leave its report; none on a developer's machine. */
export function vitestReportFlags(name: ReportName): string[] {
  const dir = reportDir();
  if (dir === undefined) return [];
  return ["--reporter=default", "--reporter=json", `--outputFile.json=${path.join(dir, `${name}.json`)}`];
}

/** Leaves the counts of a part that is not a run of Vitest. */
export function writeReport(name: ReportName, counts: Counts): void {
  const dir = reportDir();
  if (dir !== undefined) fs.writeFileSync(path.join(dir, `${name}.json`), JSON.stringify(counts));
}
