/** Runs the operator's command again and again in this one process, which command.ts has forked: each in a host of its own. */
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import type { Host } from "#cli/host.ts";
import { run } from "#cli/run.ts";

/** What is asked of this process. */
export interface CommandLine {
  args: readonly string[];
  env: Record<string, string | undefined>;
}

/** What one run of the operator's command came to. */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** What Node ends with when nothing is left to do although the main module has not come to its end. */
const UNSETTLED = 13;

interface OpenRun {
  host: Host;
  isSettled: boolean;
  result(): CommandResult;
}

let open: OpenRun | null = null;

function begin({ args, env }: CommandLine): OpenRun {
  const [stdout, stderr] = [collector(), collector()];
  const signals = new EventEmitter();
  const host: Host = {
    argv: [process.execPath, "cli/main.ts", ...args],
    env: { ...env },
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    once: (event, listener) => signals.once(event, listener),
  };
  const begun: OpenRun = {
    host,
    isSettled: false,
    result: () => ({
      exitCode: begun.isSettled ? Number(host.exitCode ?? 0) : UNSETTLED,
      stdout: stdout.text(),
      stderr: stderr.text(),
    }),
  };
  void run(host)
    // As Node tells what the main module throws.
    .catch((error: unknown) => {
      host.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      host.exitCode = 1;
    })
    .finally(() => {
      begun.isSettled = true;
    });
  return begun;
}

function collector(): { stream: Writable; text(): string } {
  let text = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}

process.on("message", (line: CommandLine) => {
  // From here on only the command keeps this process alive, as it does one of its own: what it leaves open is waited for.
  process.channel?.unref();
  open = begin(line);
});
process.on("beforeExit", () => {
  if (open === null) return;
  const { result } = open;
  open = null;
  process.channel?.ref();
  process.send?.(result());
});
