import { spawnSync } from "node:child_process";
import path from "node:path";
import { type ReportName, vitestReportFlags } from "./ci/report.ts";

/** A part of `npm test`; its output goes straight to the terminal. */
interface Part {
  name: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
}

const REPOSITORY = path.resolve(import.meta.dirname, "..");

function vitest(report: ReportName, projects: readonly string[]): string[] {
  const flags = projects.map((project) => `--project=${project}`);
  return ["node_modules/vitest/vitest.mjs", "run", ...flags, ...vitestReportFlags(report)];
}

const PARTS: readonly Part[] = [
  { name: "check", args: ["dev/check.ts"] },
  {
    name: "database, platform and simulation tests on Postgres 17",
    args: vitest("database-and-platform-tests", ["database", "platform", "simulation"]),
  },
  // By itself: these tests look at real time between requests, and a busy machine would bend it.
  { name: "stack and browser tests", args: vitest("stack-tests", ["stack", "browser"]) },
  {
    name: "database tests on Postgres 15",
    args: vitest("database-tests-on-15", ["database"]),
    env: { POSTGRES_MAJOR: "15" },
  },
];

// Every part runs, also after one that failed: whoever waited for it wants to know all that is wrong.
const failed = PARTS.filter(({ name, args, env }) => {
  console.log(`\n${name}`);
  const options = { cwd: REPOSITORY, env: { ...process.env, ...env }, stdio: "inherit" } as const;
  return spawnSync(process.execPath, args, options).status !== 0;
});

console.log(failed.length === 0 ? "\nAll passed" : `\nFailed: ${failed.map(({ name }) => name).join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
