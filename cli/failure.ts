/** What an exit code of the command means; docs/commands.md has the same list. */
export const EXIT = { ok: 0, wrong: 1, usage: 2, unreached: 3, interrupted: 130 } as const;

/** Something that the operator must know and can act on: printed as a sentence with its remedy, without a stack. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: string;
  readonly remedy: string | null;
  readonly exitCode: number;

  constructor(code: string, message: string, remedy: string | null, exitCode: number = EXIT.wrong) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** A flag or variable that cannot be understood. The message names it. */
export function usageFailure(message: string, remedy: string | null = null): Failure {
  return new Failure("usage", message, remedy, EXIT.usage);
}

/** Ctrl-C at a question. */
export function interrupted(): Failure {
  return new Failure("interrupted", "Interrupted at a question: nothing was done", null, EXIT.interrupted);
}
