import type { Say } from "#shared/platform/text.ts";
import type { AskAdmin } from "./admin-client.ts";
import type { Output } from "./output.ts";
import type { Target } from "./target.ts";

/** What a command works with, once it is known which project is meant. */
export interface Context {
  target: Target;
  askAdmin: AskAdmin;
  output: Output;
  /** In the language of whoever reads the command's lines. */
  say: Say;
  environment: Readonly<Record<string, string | undefined>>;
  nowMs: number;
  /** The time as it goes on, for what stays. */
  clock(): number;
}

/** Runs a command and tells its exit code. */
export type Run<F> = (flags: F, context: Context) => Promise<number>;
