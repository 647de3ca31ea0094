import { DeadAnswer } from "#shared/admin/answers.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { sinceOf } from "../language/duration.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import { parseCount } from "../parse-number.ts";
import { COLUMNS } from "../words/columns.ts";
import { MESSAGES } from "../words/messages.ts";

/** The flags of `dead`, as typed. */
export interface DeadFlags {
  kind?: string;
  code?: string;
  limit?: string;
}

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 1000;

type Group = DeadAnswer["groups"][number];

/** `dead`: which messages will not be tried again, why, and what to do. */
export async function runDead(flags: DeadFlags, context: Context): Promise<number> {
  const { askAdmin, output, say } = context;
  const limit = flags.limit === undefined ? LIMIT_DEFAULT : parseCount(flags.limit, "--limit", LIMIT_MAX);
  const dead = await askAdmin(
    { action: "dead", kind: flags.kind ?? null, error_code: flags.code ?? null, limit },
    DeadAnswer,
  );
  output.document(dead);
  if (dead.dead_count === 0) {
    output.line(`✓ ${say(MESSAGES.noneDead)}`);
    return EXIT.ok;
  }
  output.line(`✗ ${say(MESSAGES.deadCount, { count: dead.dead_count })}`);
  for (const group of dead.groups) printGroup(group, context);
  return EXIT.wrong;
}

function printGroup(group: Group, { output, nowMs, say }: Context): void {
  const { error_code: code, letter_count: count, explanation, letters } = group;
  output.line();
  output.line(`${code ?? say(MESSAGES.noCode)}: ${count}`);
  if (explanation !== null) output.line(`  ${say(told(explanation))}`);
  if (code !== null) output.line(`  ${say(MESSAGES.onceMended, { code })}`);
  if (letters.length === 0) return;
  const rows = letters.map((letter) => [
    letter.id,
    letter.kind,
    `${letter.subject_table} ${letter.subject_id}`,
    letter.attempt_count,
    say(sinceOf(letter.created_at, nowMs)),
    say(told(letter.error_message ?? "")),
  ]);
  const { id, kind, about, attempts, age, reason } = COLUMNS;
  const head = [id, kind, about, attempts, age, reason].map((column) => say(column));
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  if (letters.length < count) output.line(`  ${say(MESSAGES.more, { count: count - letters.length })}`);
}
