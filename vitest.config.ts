import os from "node:os";
import path from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { POSTGRES_15_DEEP_FILES, POSTGRES_15_FILES, POSTGRES_17_FILES } from "./tests/support/file-groups.ts";
import { isDeep } from "./tests/support/sizes.ts";

/** Projects of which one file takes minutes begin first: begun last, it would keep one worker busy with the others done. */
const FIRST = ["simulation", "platform", "stack"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project }: TestSpecification) => {
      const place = FIRST.indexOf(project.name);
      return place < 0 ? FIRST.length : place;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

/**
 * WebAssembly as it is compiled at once: no test runs its parser of HTTP or its fonts long enough to earn back what V8 spends
 * on compiling them anew.
 */
const execArgv = ["--liftoff-only"];

const databaseRun = {
  execArgv,
  // One process for many files, which keep what they know by their own database: a third of a second less for each.
  isolate: false,
  // A limit for what hangs, and no measure: machines of this kind differ threefold.
  testTimeout: 300_000,
  hookTimeout: 120_000,
};
const stackLimits = {
  execArgv,
  // As above; and Postgres' own parser, which the stand-in reads functions with, need not be warmed up for each file.
  isolate: false,
  globalSetup: ["tests/stack/support/template.ts"],
  // Above what one wait may take: its message names what was waited for.
  testTimeout: 300_000,
  hookTimeout: 120_000,
};

// Each file that runs the command starts it, some more than once: with its compiled code kept, each start costs half.
process.env["NODE_COMPILE_CACHE"] ??= path.join(import.meta.dirname, "node_modules/.cache/compiled");

/** One project per kind of test, so that a failure's place says what had to run for it. */
export default defineConfig({
  test: {
    // A worker waits for Postgres, for a stack or for its ticks half of its time, so that as many as cores leave some idle.
    maxWorkers: os.availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: "architecture", include: ["tests/architecture/**/*.test.ts"], isolate: false } },
      // Half of their time goes into loading the same modules for each file.
      {
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          execArgv,
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "database",
          include: ["tests/database/**/*.test.ts"],
          globalSetup: ["tests/database/support/server.ts"],
          ...databaseRun,
        },
      },
      {
        test: {
          name: "database-15",
          include: isDeep ? ["tests/database/**/*.test.ts"] : [...POSTGRES_15_FILES],
          exclude: isDeep ? [...POSTGRES_17_FILES] : [...POSTGRES_15_DEEP_FILES],
          globalSetup: ["tests/database/support/server-15.ts"],
          ...databaseRun,
        },
      },
      {
        test: {
          name: "simulation",
          execArgv,
          include: ["tests/simulation/**/*.test.ts"],
          globalSetup: ["tests/database/support/server.ts"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "stack", include: ["tests/stack/**/*.test.ts"], ...stackLimits } },
      {
        test: {
          name: "browser",
          execArgv,
          isolate: false,
          environment: "./tests/browser/support/environment.ts",
          include: ["tests/browser/**/*.test.ts"],
          globalSetup: ["tests/stack/support/template.ts"],
          // A limit for what hangs: the usual second is over before a busy machine has drawn a page.
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "platform",
          execArgv,
          isolate: false,
          globalSetup: ["tests/stack/support/template.ts", "tests/platform/support/setup.ts"],
          include: ["tests/platform/**/*.test.ts"],
          // Above what the Supabase CLI may take, several times in a test; the package is packed in a hook.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
