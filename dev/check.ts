import { DENO_FLAGS, denoEnvironment, functionSources, hostedDeno, localDeno } from "./check/deno.ts";
import { runSteps, type Step, type StepResult } from "./check/step.ts";
import { vitestReportFlags, writeReport } from "./ci/report.ts";

/** As many as a small CI machine has cores; each step is itself parallel where it can be. */
const PARALLEL_STEPS = 2;
const UNIT_TESTS = "unit and architecture tests";

function denoStep(name: string, binary: string): Step {
  return {
    name: `deno check with ${name}`,
    command: [binary, "check", ...DENO_FLAGS, ...functionSources()],
    env: denoEnvironment(name),
  };
}

function steps(): Step[] {
  const hosted = hostedDeno();
  return [
    // The longest first, so that nothing waits for it alone at the end.
    {
      name: UNIT_TESTS,
      command: [
        // Not through .bin: a bare `node dev/check.ts` must not fall back to an older Node of the host.
        process.execPath,
        "node_modules/vitest/vitest.mjs",
        "run",
        "--project=unit",
        "--project=architecture",
        ...vitestReportFlags("unit-tests"),
      ],
    },
    {
      name: "format and lint",
      command: [
        process.execPath,
        "node_modules/@biomejs/biome/bin/biome",
        "check",
        "--error-on-warnings",
        ".",
      ],
    },
    // Files, dependencies, exports and types that nobody uses (knip.json).
    {
      name: "dead code",
      command: [
        process.execPath,
        "node_modules/knip/bin/knip.js",
        "--no-progress",
        "--treat-config-hints-as-errors",
      ],
    },
    { name: "types", command: [process.execPath, "node_modules/typescript/bin/tsc", "--project", "."] },
    denoStep("Deno 2.9.5", localDeno()),
    ...(hosted === null ? [] : [denoStep("Deno 2.1.4", hosted)]),
  ];
}

function tell(result: StepResult): void {
  const seconds = (result.durationMs / 1000).toFixed(1).padStart(5);
  console.log(`${result.passed ? "ok  " : "FAIL"} ${seconds} s  ${result.name}`);
}

if (hostedDeno() === null) console.log("Deno 2.1.4, the hosted level, has no build here: CI checks with it.");
const results = await runSteps(steps(), PARALLEL_STEPS, tell);
const failed = results.filter((result) => !result.passed);
for (const { name, output } of failed) console.log(`\n${name}:\n${output.trimEnd()}`);
// The tests leave a report of their own, in which each counts.
const counted = results.filter((result) => result.name !== UNIT_TESTS);
writeReport("check", {
  passed: counted.filter((result) => result.passed).length,
  failed: counted.filter((result) => !result.passed).length,
});
process.exitCode = failed.length === 0 ? 0 : 1;
