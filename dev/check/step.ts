import { spawn } from "node:child_process";
import path from "node:path";

/** One command of the check; it passes if it ends with exit code 0. */
export interface Step {
  name: string;
  command: readonly [program: string, ...args: string[]];
  env?: Readonly<Record<string, string | undefined>>;
}

export interface StepResult {
  name: string;
  passed: boolean;
  durationMs: number;
  /** Both outputs, in the order in which they came. */
  output: string;
}

const REPOSITORY = path.resolve(import.meta.dirname, "../..");

/** Runs the steps from the repository's root, at most `parallel` at once, and tells of each as it ends. */
export async function runSteps(
  steps: readonly Step[],
  parallel: number,
  onEnd: (result: StepResult) => void,
): Promise<StepResult[]> {
  const waiting = [...steps];
  const results: StepResult[] = [];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step);
      results.push(result);
      onEnd(result);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return results;
}

function runStep(step: Step): Promise<StepResult> {
  const startedAt = performance.now();
  const [program, ...args] = step.command;
  const { promise, resolve } = Promise.withResolvers<StepResult>();
  let output = "";
  const end = (passed: boolean): void => {
    resolve({ name: step.name, passed, durationMs: performance.now() - startedAt, output });
  };
  const child = spawn(program, args, {
    cwd: REPOSITORY,
    env: { ...process.env, ...step.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const collect = (chunk: string): void => {
    output += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  child.once("error", (error) => {
    output += `${program} could not be started: ${error.message}\n`;
    end(false);
  });
  child.once("close", (exitCode) => end(exitCode === 0));
  return promise;
}
