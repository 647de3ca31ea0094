import { DuplicatesAnswer } from "#shared/admin/answers.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { timeOf } from "../find/time.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { DUPLICATES } from "../words/decisions.ts";

/** The words of `duplicates`, as typed. */
export interface DuplicatesFlags {
  words?: string[];
}

/** Nobody decides more in one sitting. */
const LIMIT = 1000;

/** `duplicates`: pairs that look like one, and what a person says of them. */
export async function runDuplicates({ words = [] }: DuplicatesFlags, context: Context): Promise<number> {
  const { askAdmin, output, say } = context;
  const [mode = "list", typedId, resolution, ...rest] = words;
  if (mode === "list" && words.length <= 1) {
    const answer = await askAdmin({ action: "duplicates", mode: "list", limit: LIMIT }, DuplicatesAnswer);
    output.document(answer);
    return answer.mode === "list" ? printPairs(answer.duplicates, context) : EXIT.wrong;
  }
  const id = /^\d{1,15}$/.test(typedId ?? "") ? Number(typedId) : 0;
  if (
    mode !== "resolve" ||
    id === 0 ||
    rest.length > 0 ||
    (resolution !== "same" && resolution !== "different")
  ) {
    throw usageFailure(DUPLICATES.usage, DUPLICATES.example);
  }
  const answer = await askAdmin({ action: "duplicates", mode, id, resolution }, DuplicatesAnswer);
  output.document(answer);
  if (answer.mode !== "resolve") return EXIT.wrong;
  const outcome = told(answer.outcome);
  output.line(`${answer.ok ? "✓" : "✗"} ${say(DUPLICATES.resolved, { id, outcome })}`);
  return answer.ok ? EXIT.ok : EXIT.wrong;
}

function printPairs(
  pairs: Extract<DuplicatesAnswer, { mode: "list" }>["duplicates"],
  { output, say }: Context,
): number {
  if (pairs.length === 0) {
    output.line(`✓ ${say(DUPLICATES.none)}`);
    return EXIT.ok;
  }
  output.line(`! ${say(DUPLICATES.count, { count: pairs.length })}`);
  const rows = pairs.map((pair) => [
    pair.id,
    say(DUPLICATES[pair.type]),
    pair.kept_id,
    pair.other_id,
    timeOf(pair.found_at),
    say(told(pair.reason)),
  ]);
  const { id, what, kept, other, found, reason } = COLUMNS;
  const head = [id, what, kept, other, found, reason].map((column) => say(column));
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  output.line(`  ${say(DUPLICATES.decide)}`);
  return EXIT.wrong;
}
