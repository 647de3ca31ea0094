import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Language } from "#shared/platform/text.ts";
import { interrupted } from "./failure.ts";
import type { Host } from "./host.ts";

/** The person in front of a command, if there is one. */
export interface Terminal {
  /** Whether a question can be asked. */
  isInteractive: boolean;
  /** True for yes; anything else is no. */
  confirm(question: string): Promise<boolean>;
  /** Replaces the line that is being shown; nothing where lines cannot be replaced. An empty text removes it. */
  showProgress(text: string): void;
  /** Aborted by Ctrl-C from the first time this is called; until then Ctrl-C ends the process as usual. */
  interruption(): AbortSignal;
  /** Waits, or returns early when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The terminal of a run: questions and progress go to stderr, so that stdout holds results only. */
export function createTerminal(host: Pick<Host, "stdin" | "stderr" | "once">, language: Language): Terminal {
  const { stdin, stderr } = host;
  return {
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    async confirm(question) {
      const lines = createInterface({ input: stdin, output: stderr });
      const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
      let isInterrupted = false;
      lines.once("SIGINT", () => {
        isInterrupted = true;
        lines.close();
      });
      try {
        // Ctrl-D ends the input without an answer, which is no.
        const answer = await Promise.race([
          lines.question(`${question} ${language === "ru" ? "[д/Н]" : "[y/N]"} `),
          ended,
        ]);
        if (isInterrupted) throw interrupted();
        return /^(y|yes|д|да)$/i.test(answer.trim());
      } finally {
        lines.close();
      }
    },
    showProgress(text) {
      if (stderr.isTTY === true) stderr.write(`\r\x1b[K${text}`);
    },
    interruption() {
      const controller = new AbortController();
      host.once("SIGINT", () => controller.abort());
      return controller.signal;
    },
    async wait(ms, signal) {
      await sleep(ms, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
  };
}

const BAR_WIDTH = 30;

/** `[######------]  20 %`: how far something is. */
export function progressBar(doneCount: number, totalCount: number): string {
  const share = totalCount === 0 ? 1 : doneCount / totalCount;
  const filled = Math.floor(share * BAR_WIDTH);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `[${"#".repeat(filled)}${"-".repeat(BAR_WIDTH - filled)}] ${percent} %`;
}
