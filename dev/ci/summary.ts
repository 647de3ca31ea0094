import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { type Counts, REPORTS, type ReportName } from "./report.ts";

const StepReport = z.object({ passed: z.number(), failed: z.number() });
const VitestReport = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numTotalTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});
/** Enough of a failure to know what it is about; the part's own output has the rest. */
const MESSAGE_MAX_LENGTH = 600;

/**
 * What one report counts. A test that was skipped counts as failed, for it proved nothing; so does a file that
 * broke before its first test, and a run that failed for a reason of its own (an unhandled rejection).
 */
export function countReport(report: unknown): Counts {
  const step = StepReport.safeParse(report);
  if (step.success) return step.data;
  const { success, numPassedTests, numTotalTests, testResults } = VitestReport.parse(report);
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  const failed = numTotalTests - numPassedTests + brokenFiles.length;
  return { passed: numPassedTests, failed: failed === 0 && !success ? 1 : failed };
}

/** What did not pass in one report, each with the beginning of its message; a part that is no run tells it itself. */
export function failuresOf(report: unknown): string[] {
  const run = VitestReport.safeParse(report);
  if (!run.success) return [];
  return run.data.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(process.cwd(), name);
    if (status === "failed" && assertionResults.length === 0) return [failure(file, message)];
    return assertionResults
      .filter((test) => test.status !== "passed")
      .map((test) => failure(`${file} > ${test.fullName}`, test.failureMessages?.[0] ?? test.status));
  });
}

function failure(place: string, message: string): string {
  return `${place}\n  ${message.slice(0, MESSAGE_MAX_LENGTH).replaceAll("\n", "\n  ")}`;
}

/** The reports of a run that are there, with their names. */
export function readReports(dir: string): Map<ReportName, unknown> {
  const files = REPORTS.map((name) => [name, path.join(dir, `${name}.json`)] as const);
  return new Map(
    files
      .filter(([, file]) => fs.existsSync(file))
      .map(([name, file]) => [name, JSON.parse(fs.readFileSync(file, "utf8"))]),
  );
}

/** Sums the reports of a complete run; one that is missing counts as one failure, and `onMissing` is told. */
export function sumReports(
  reports: ReadonlyMap<ReportName, unknown>,
  onMissing: (name: ReportName) => void,
): Counts {
  const total: Counts = { passed: 0, failed: 0 };
  for (const name of REPORTS) {
    let counts: Counts = { passed: 0, failed: 1 };
    if (reports.has(name)) counts = countReport(reports.get(name));
    else onMissing(name);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  return total;
}

if (process.argv[1] === import.meta.filename) {
  const [dir = ""] = process.argv.slice(2);
  const reports = readReports(dir);
  // Last of all, so that also who sees but the end of the log sees what it was.
  for (const report of reports.values())
    for (const told of failuresOf(report)) console.log(`Failed: ${told}`);
  const { passed, failed } = sumReports(reports, (name) =>
    console.log(`${name} broke off before its report`),
  );
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
