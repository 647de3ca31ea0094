import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { InstalledPackage } from "./package.ts";

/** One run of the installer. */
export interface Order {
  cwd: string;
  /** All of its environment. */
  env: Record<string, string>;
  args: string[];
}

export interface Answer {
  status: number;
  output: string;
}

/** A process that runs the package's `supabase-amocrm` again and again: to start one takes as long as what most runs do. */
export interface Commands {
  /** One run at a time. */
  run(order: Order): Promise<Answer>;
  stop(): Promise<void>;
}

export function startCommands(installed: InstalledPackage): Commands {
  const child = fork(path.join(import.meta.dirname, "command-loop.ts"), {
    env: { ...process.env, INSTALLER: path.join(installed.folder, "dist/supabase-amocrm.js") },
    execArgv: [],
    // No terminal, so that nobody can be asked.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return {
    run: (order) =>
      new Promise((resolve, reject) => {
        const died = (code: number | null) => reject(new Error(`The process of the commands died: ${code}`));
        child.once("exit", died);
        child.once("message", (answer: Answer) => {
          child.off("exit", died);
          resolve(answer);
        });
        child.send(order);
      }),
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}
