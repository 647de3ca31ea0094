import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REPORTS } from "../../../dev/ci/report.ts";
import { countReport, sumReports } from "../../../dev/ci/summary.ts";

const GREEN_RUN = {
  success: true,
  numPassedTests: 3,
  numTotalTests: 3,
  testResults: [{ status: "passed", assertionResults: [{}, {}, {}] }],
};

describe("countReport", () => {
  it("counts the tests of a run", () => {
    expect(countReport(GREEN_RUN)).toEqual({ passed: 3, failed: 0 });
    expect(countReport({ ...GREEN_RUN, success: false, numPassedTests: 2 })).toEqual({
      passed: 2,
      failed: 1,
    });
  });

  it("counts a skipped test as failed", () => {
    expect(countReport({ ...GREEN_RUN, numTotalTests: 5 })).toEqual({ passed: 3, failed: 2 });
  });

  it("counts a file that broke before its first test as one failure", () => {
    const testResults = [...GREEN_RUN.testResults, { status: "failed", assertionResults: [] }];
    expect(countReport({ ...GREEN_RUN, success: false, testResults })).toEqual({ passed: 3, failed: 1 });
  });

  it("counts a run that failed beside its tests as one failure", () => {
    expect(countReport({ ...GREEN_RUN, success: false })).toEqual({ passed: 3, failed: 1 });
  });

  it("takes the counts of a part that is no run of tests", () => {
    expect(countReport({ passed: 4, failed: 1 })).toEqual({ passed: 4, failed: 1 });
  });

  it("throws for a report that it does not understand", () => {
    expect(() => countReport({ tests: 3 })).toThrow();
  });
});

describe("sumReports", () => {
  let dir: string;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "reports-"));
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  const leave = (name: string, report: unknown): void =>
    fs.writeFileSync(path.join(dir, `${name}.json`), JSON.stringify(report));

  it("adds up the reports of all parts", () => {
    for (const name of REPORTS) leave(name, { passed: 2, failed: 0 });
    const missing: string[] = [];
    expect(sumReports(dir, (name) => missing.push(name))).toEqual({ passed: 2 * REPORTS.length, failed: 0 });
    expect(missing).toEqual([]);
  });

  it("counts a missing report as one failure and names it", () => {
    for (const name of REPORTS.filter((one) => one !== "stack-tests")) leave(name, { passed: 1, failed: 0 });
    const missing: string[] = [];
    expect(sumReports(dir, (name) => missing.push(name))).toEqual({ passed: REPORTS.length - 1, failed: 1 });
    expect(missing).toEqual(["stack-tests"]);
  });
});
