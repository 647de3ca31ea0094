import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { ROOT } from "../template.ts";
import type { CommandLine, CommandResult } from "./server.ts";

export type { CommandResult };

/** The operator's command in a folder, which knows no project but by `environment` and that folder. */
export interface OperatorCommand {
  /**
   * One run, in a process that stays for the next one: to start Node and to load the command costs far more than most of
   * what the command does. What a run sees is its own: arguments, variables, streams and exit code.
   */
  run(args: readonly string[], environment: Record<string, string>): Promise<CommandResult>;
  stop(): Promise<void>;
}

export function createOperatorCommand(folder: string): OperatorCommand {
  let server: ChildProcess | null = null;
  /** Runs come one after the other. */
  let last: Promise<unknown> = Promise.resolve();

  async function ask(line: CommandLine): Promise<CommandResult> {
    server ??= fork(path.join(import.meta.dirname, "server.ts"), {
      cwd: folder,
      env: inheritedVariables(),
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
    const child = server;
    let stray = "";
    const onText = (chunk: Buffer): void => {
      stray += chunk.toString();
    };
    const onExit = (): void => {
      server = null;
      reject(new Error(`the process of the command ended: ${stray}`));
    };
    child.stdout?.on("data", onText);
    child.stderr?.on("data", onText);
    child.once("message", resolve).once("close", onExit);
    child.send(line);
    try {
      const result = await promise;
      // What is written past the run's streams, such as a warning of Node's, a process of its own would show as well.
      return { ...result, stderr: result.stderr + stray };
    } finally {
      child.stdout?.off("data", onText);
      child.stderr?.off("data", onText);
      child.off("message", resolve).off("close", onExit);
    }
  }

  return {
    run(args, environment) {
      const result = last.then(() => ask({ args, env: { ...inheritedVariables(), ...environment } }));
      last = result.catch(() => {});
      return result;
    },
    async stop() {
      if (server === null || server.exitCode !== null || server.signalCode !== null) return;
      const gone = once(server, "exit");
      server.disconnect();
      await gone;
    },
  };
}

/** `npm run amocrm -- …` as a process of its own; with `isUnread`, nobody reads what it prints. */
export async function startCommand(
  folder: string,
  args: readonly string[],
  { environment = {}, isUnread = false }: { environment?: Record<string, string>; isUnread?: boolean } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [path.join(ROOT, "cli/main.ts"), ...args], {
    cwd: folder,
    env: { ...inheritedVariables(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const result = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    result.stdout += text;
  });
  if (isUnread) child.stdout.destroy();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    result.stderr += text;
  });
  const [exitCode] = await once(child, "close");
  return { ...result, exitCode };
}

function inheritedVariables(): Record<string, string | undefined> {
  return { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] };
}
