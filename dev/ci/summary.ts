import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { type Counts, REPORTS, type ReportName } from "./report.ts";

const StepReport = z.object({ passed: z.number(), failed: z.number() });
const VitestReport = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numTotalTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

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

/** Sums the reports of a complete run; one that is missing counts as one failure, and `onMissing` is told. */
export function sumReports(dir: string, onMissing: (name: ReportName) => void): Counts {
  const total: Counts = { passed: 0, failed: 0 };
  for (const name of REPORTS) {
    const file = path.join(dir, `${name}.json`);
    let counts: Counts = { passed: 0, failed: 1 };
    if (fs.existsSync(file)) counts = countReport(JSON.parse(fs.readFileSync(file, "utf8")));
    else onMissing(name);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  return total;
}

if (import.meta.main) {
  const [dir = ""] = process.argv.slice(2);
  const { passed, failed } = sumReports(dir, (name) => console.log(`${name} broke off before its report`));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
