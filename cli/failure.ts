import type { Text } from "#shared/platform/text.ts";

/** What an exit code of the command means; docs/operate/commands.md has the same list. */
export const EXIT = { ok: 0, wrong: 1, usage: 2, unreached: 3, interrupted: 130 } as const;

/** Something that the operator must know and can act on: printed as a sentence with its remedy, without a stack. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: string;
  /** In the reader's language: `message` and `remedy` are for logs and tests. */
  readonly says: Text;
  readonly mend: Text | null;
  readonly remedy: string | null;
  readonly exitCode: number;

  constructor(code: string, says: Text, mend: Text | null, exitCode: number = EXIT.wrong) {
    super(says.en);
    this.code = code;
    this.says = says;
    this.mend = mend;
    this.remedy = mend?.en ?? null;
    this.exitCode = exitCode;
  }
}

/** A flag or variable that cannot be understood. The text names it. */
export function usageFailure(says: Text, mend: Text | null = null): Failure {
  return new Failure("usage", says, mend, EXIT.usage);
}

/** Ctrl-C at a question. */
export function interrupted(): Failure {
  const says: Text = {
    en: "Interrupted at a question: nothing was done",
    ru: "Прервано на вопросе: ничего не сделано",
  };
  return new Failure("interrupted", says, null, EXIT.interrupted);
}
