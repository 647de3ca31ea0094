import type { AskAdmin } from "#cli/admin-client.ts";
import type { Context } from "#cli/context.ts";
import { createOutput } from "#cli/output.ts";
import type { Terminal } from "#cli/terminal.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { type Language, sayIn } from "#shared/platform/text.ts";

/** When a command under test runs. */
export const NOW_MS = Date.parse("2026-11-21T12:00:00Z");

/** A command's surroundings: what it asks amocrm-admin, what it prints, and a person who answers. */
export interface Bench {
  context: Context;
  terminal: Terminal;
  /** Every request, in order. */
  asked: AdminRequestInput[];
  /** Every question of yes or no. */
  questions: string[];
  stdout(): string;
  stderr(): string;
}

export interface BenchOptions {
  /** What amocrm-admin answers. */
  answer(request: AdminRequestInput): unknown;
  isJson?: boolean;
  language?: Language;
  isInteractive?: boolean;
  /** What the person says to every question. */
  says?: boolean;
  /** Ctrl-C during this wait, counted from 1. */
  interruptAtWait?: number;
}

export function createBench({ answer, isJson = false, isInteractive = true, ...rest }: BenchOptions): Bench {
  const { says = true, language = "en", interruptAtWait = Number.POSITIVE_INFINITY } = rest;
  const asked: AdminRequestInput[] = [];
  const questions: string[] = [];
  const printed = { out: "", error: "" };
  const abort = new AbortController();
  let waitCount = 0;
  const askAdmin: AskAdmin = async (request, shape) => {
    asked.push(request);
    return shape.parse(await answer(request));
  };
  const context: Context = {
    target: {
      kind: "hosted",
      url: "https://p.supabase.co",
      secretKey: "sb_secret_x",
      origin: "SUPABASE_URL",
    },
    askAdmin,
    output: createOutput(isJson, {
      stdout: (text) => {
        printed.out += text;
      },
      stderr: (text) => {
        printed.error += text;
      },
    }),
    say: sayIn(language),
    environment: {},
    nowMs: NOW_MS,
    clock: () => NOW_MS,
  };
  const terminal: Terminal = {
    isInteractive,
    async confirm(question) {
      questions.push(question);
      return says;
    },
    showProgress: () => {},
    interruption: () => abort.signal,
    async wait() {
      waitCount += 1;
      if (waitCount === interruptAtWait) abort.abort();
    },
  };
  return { context, terminal, asked, questions, stdout: () => printed.out, stderr: () => printed.error };
}
