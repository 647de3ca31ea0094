import { SetupAnswer, type Step } from "#shared/admin/answer.ts";
import type { Text } from "#shared/platform/text.ts";
import type { ConsentFlags } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import type { Prompts } from "../prompts.ts";
import { askSetup } from "../setup/dialogue.ts";
import { type SetupFlags, setupOrderOf } from "../setup-order.ts";
import type { Terminal } from "../terminal.ts";
import { COLUMNS } from "../words/columns.ts";
import { SETUP } from "../words/setup.ts";

const MARKS: Readonly<Record<Step["outcome"], string>> = {
  done: "✓",
  unchanged: "=",
  warning: "!",
  refused: "✗",
};

const OUTCOMES: Readonly<Record<Step["outcome"], Text>> = {
  done: SETUP.done,
  unchanged: SETUP.unchanged,
  warning: SETUP.warning,
  refused: SETUP.refused,
};

/** What `setup` asks with; null where nobody can be asked. */
export interface SetupDialogue {
  prompts: Prompts;
  terminal: Terminal;
}

/** `setup`: writes routes, stages, fields, settings and Vault, as flags say or as somebody answers. */
export async function runSetup(
  { yes, ...flags }: SetupFlags & ConsentFlags,
  context: Context,
  dialogue: SetupDialogue | null,
): Promise<number> {
  const { target, environment, output, say, askAdmin } = context;
  const isAsked = yes !== true && !output.isJson && Object.keys(flags).length === 0;
  const order = setupOrderOf(flags, environment, target);
  const request =
    isAsked && dialogue !== null
      ? await askSetup(context, dialogue.prompts, dialogue.terminal, order.request)
      : order.request;
  if (request === null) {
    output.line(say(SETUP.nothingWritten));
    return EXIT.ok;
  }
  for (const note of order.notes) output.note(say(note));
  const answer = await askAdmin(request, SetupAnswer);
  output.document(answer);
  const rows = answer.steps.map(({ step, outcome, detail }) => [
    `${MARKS[outcome]} ${say(OUTCOMES[outcome])}`,
    say(told(step)),
    say(told(detail)),
  ]);
  const head = [COLUMNS.outcome, COLUMNS.step, COLUMNS.detail].map((column) => say(column));
  for (const line of tableOf(head, rows)) output.line(line);
  return answer.ok ? EXIT.ok : EXIT.wrong;
}
