import { DeadAnswer } from "../../supabase/functions/_shared/admin/messages/answer.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { durationOf, type Output, tableOf } from "../output.ts";
import { parseCount } from "../parse-number.ts";

export const DEAD_HELP = `
Messages that nobody will try again until a person says so, by error code: what the code means, what to do, and which leads
or students are concerned. The people's later messages go on without them. It changes nothing.

Mend the cause (a stage, a field, a value), then requeue. What is not wanted in amoCRM at all: cancel.

Exit code: 0 if there is none, 1 if there are some, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- dead
  npm run amocrm -- dead --code validation_failed --limit 20
  npx amocrm dead --json | jq '.groups[] | {error_code, letter_count}'`;

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
export async function runDead(flags: DeadFlags, { askAdmin, output, nowMs }: Context): Promise<number> {
  const limit = flags.limit === undefined ? LIMIT_DEFAULT : parseCount(flags.limit, "--limit", LIMIT_MAX);
  const dead = await askAdmin(
    { action: "dead", kind: flags.kind ?? null, error_code: flags.code ?? null, limit },
    DeadAnswer,
  );
  output.document(dead);
  if (dead.dead_count === 0) {
    output.line("✓ No message is dead.");
    return EXIT.ok;
  }
  output.line(`✗ ${dead.dead_count} ${dead.dead_count === 1 ? "message is" : "messages are"} dead.`);
  for (const group of dead.groups) printGroup(group, output, nowMs);
  return EXIT.wrong;
}

function printGroup(group: Group, output: Output, nowMs: number): void {
  const { error_code: code, letter_count: count, explanation, letters } = group;
  output.line();
  output.line(`${code ?? "without a code"}: ${count}`);
  if (explanation !== null) output.line(`  ${explanation}`);
  if (code !== null) output.line(`  Once it is mended → npm run amocrm -- requeue --all --code ${code}`);
  if (letters.length === 0) return;
  const rows = letters.map((letter) => [
    letter.id,
    letter.kind,
    `${letter.subject_table} ${letter.subject_id}`,
    letter.attempt_count,
    durationOf(nowMs - Date.parse(letter.created_at)),
    letter.error_message ?? "",
  ]);
  for (const line of tableOf(["id", "kind", "about", "attempts", "age", "reason"], rows))
    output.line(`  ${line}`);
  if (letters.length < count) output.line(`  … and ${count - letters.length} more: --code, --limit`);
}
