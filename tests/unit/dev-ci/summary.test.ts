import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REPORTS } from "#dev/ci/report.ts";
import { countReport, failuresOf, readReports, sumReports } from "#dev/ci/summary.ts";

const PASSED = { status: "passed", fullName: "adds", failureMessages: [] };
const GREEN_RUN = {
  success: true,
  numPassedTests: 3,
  numTotalTests: 3,
  testResults: [{ name: "a.test.ts", status: "passed", assertionResults: [PASSED, PASSED, PASSED] }],
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
    const testResults = [
      ...GREEN_RUN.testResults,
      { name: "b.test.ts", status: "failed", assertionResults: [] },
    ];
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

describe("failuresOf", () => {
  const run = (testResult: object) => ({ ...GREEN_RUN, success: false, testResults: [testResult] });

  it("names a test that failed by file and name, with its message cut short", () => {
    const failed = {
      status: "failed",
      fullName: "a sum adds",
      failureMessages: [`Error: 1 != 2\n${"x".repeat(9000)}`],
    };
    const [told = "", ...more] = failuresOf(
      run({ name: path.resolve("tests/a.test.ts"), status: "failed", assertionResults: [PASSED, failed] }),
    );
    expect(told).toMatch(/^tests\/a\.test\.ts > a sum adds\n {2}Error: 1 != 2\n {2}x+$/);
    expect(told.length).toBeLessThan(1000);
    expect(more).toEqual([]);
  });

  it("names one that was skipped, and a file that broke before its first test", () => {
    const skipped = { status: "skipped", fullName: "a sum adds" };
    expect(
      failuresOf(run({ name: path.resolve("a.ts"), status: "passed", assertionResults: [skipped] })),
    ).toEqual(["a.ts > a sum adds\n  skipped"]);
    const broken = {
      name: path.resolve("a.ts"),
      status: "failed",
      message: "No such module",
      assertionResults: [],
    };
    expect(failuresOf(run(broken))).toEqual(["a.ts\n  No such module"]);
  });

  it("finds nothing in a green run, nor in a part that is no run of tests", () => {
    expect(failuresOf(GREEN_RUN)).toEqual([]);
    expect(failuresOf({ passed: 4, failed: 1 })).toEqual([]);
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
    expect(sumReports(readReports(dir), (name) => missing.push(name))).toEqual({
      passed: 2 * REPORTS.length,
      failed: 0,
    });
    expect(missing).toEqual([]);
  });

  it("counts a missing report as one failure and names it", () => {
    for (const name of REPORTS.filter((one) => one !== "tests")) leave(name, { passed: 1, failed: 0 });
    const missing: string[] = [];
    expect(sumReports(readReports(dir), (name) => missing.push(name))).toEqual({
      passed: REPORTS.length - 1,
      failed: 1,
    });
    expect(missing).toEqual(["tests"]);
  });
});
