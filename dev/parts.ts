import { spawnSync } from "node:child_process";
import path from "node:path";
import { type ReportName, vitestReportFlags } from "./ci/report.ts";

/** A part of a test run: arguments for Node. Its output goes straight to the terminal. */
export interface Part {
  name: string;
  args: readonly string[];
}

const REPOSITORY = path.resolve(import.meta.dirname, "..");

const TEST_PROJECTS = ["database", "database-15", "simulation", "stack", "browser", "platform"] as const;

function vitest(report: ReportName, projects: readonly string[]): string[] {
  const flags = projects.map((project) => `--project=${project}`);
  return ["node_modules/vitest/vitest.mjs", "run", ...flags, ...vitestReportFlags(report)];
}

/** What the gate runs; the deep run has the same parts in full size. */
export const GATE: readonly Part[] = [
  { name: "check", args: ["dev/check.ts"] },
  // One run, so that no core waits at the end of each kind. What may have nothing beside it comes last, file by file.
  { name: "all other tests", args: vitest("tests", TEST_PROJECTS) },
];

/** Runs every part, also after one that failed: whoever waited for it wants to know all that is wrong. */
export function runParts(parts: readonly Part[], env: Readonly<Record<string, string>> = {}): void {
  const failed = parts.filter(({ name, args }) => {
    console.log(`\n${name}`);
    const startedAtMs = performance.now();
    const options = { cwd: REPOSITORY, env: { ...process.env, ...env }, stdio: "inherit" } as const;
    const hasPassed = spawnSync(process.execPath, args, options).status === 0;
    console.log(`${name}: ${Math.round((performance.now() - startedAtMs) / 1000)} s`);
    return !hasPassed;
  });
  console.log(
    failed.length === 0 ? "\nAll passed" : `\nFailed: ${failed.map(({ name }) => name).join(", ")}`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}
