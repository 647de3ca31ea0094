import {
  DeadAnswer,
  MessagesAnswer,
  RequeuedAnswer,
} from "../../supabase/functions/_shared/admin/messages/answer.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import type { Output } from "../output.ts";
import { parseCount, parseMessageIds } from "../parse-number.ts";
import type { Terminal } from "../terminal.ts";

export const REQUEUE_HELP = `
Tries messages again, now, with all their attempts: dead, cancelled and waiting ones by number, or all that are dead. A
message whose request may have worked is looked for in amoCRM first, so that nothing is made twice.

--all shows how many and why they died, and asks; where nobody can be asked, add --yes.

Exit code: 0 if all that was asked for was done, or the question was answered with no; 1 if a message was refused, which is
named; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- requeue 41 42
  npm run amocrm -- requeue --all
  npm run amocrm -- requeue --all --kind lead.created --code validation_failed --limit 100 --yes
  npx amocrm requeue --all --yes --json`;

/** The flags of `requeue`, as typed. */
export interface RequeueFlags extends ConsentFlags {
  ids?: string[];
  all?: true;
  kind?: string;
  code?: string;
  limit?: string;
}

const LIMIT_DEFAULT = 1000;
const LIMIT_MAX = 10_000;

/** `requeue`: messages by number, or the dead. */
export async function runRequeue(flags: RequeueFlags, context: Context, terminal: Terminal): Promise<number> {
  const { ids = [], all, kind, code, limit } = flags;
  if ((all === true) === ids.length > 0) {
    throw usageFailure(
      "requeue needs numbers of messages, or else --all",
      "npm run amocrm -- dead lists them",
    );
  }
  if (all === true) return await requeueAll(flags, context, terminal);
  if ([kind, code, limit].some((flag) => flag !== undefined)) {
    throw usageFailure("--kind, --code and --limit go with --all");
  }
  const answer = await context.askAdmin({ action: "requeue", ids: parseMessageIds(ids) }, MessagesAnswer);
  return reportEach(answer, "tried again", context.output);
}

/** One line for each message that was named. */
export function reportEach({ ok, messages }: MessagesAnswer, done: string, output: Output): number {
  output.document({ ok, messages });
  for (const { id, outcome, reason } of messages) {
    output.line(outcome === "done" ? `✓ ${id} ${done}` : `✗ ${id} refused: ${reason}`);
  }
  return ok ? EXIT.ok : EXIT.wrong;
}

async function requeueAll(flags: RequeueFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output } = context;
  const limit = flags.limit === undefined ? LIMIT_DEFAULT : parseCount(flags.limit, "--limit", LIMIT_MAX);
  requireConsentToBePossible(flags, output, terminal);
  const filter = { kind: flags.kind ?? null, error_code: flags.code ?? null };
  const { dead_count: deadCount, groups } = await askAdmin(
    { action: "dead", ...filter, limit: 1 },
    DeadAnswer,
  );
  if (deadCount === 0) {
    output.document({ dead_count: 0, requeued_count: 0 });
    output.line("Nothing to requeue: no such message is dead.");
    return EXIT.ok;
  }
  const reasons = groups.map((group) => `${group.letter_count} ${group.error_code ?? "without a code"}`);
  output.line(`${deadCount} dead: ${reasons.join(", ")}.`);
  if (deadCount > limit) output.line(`The ${limit} oldest are tried again; --limit raises it.`);
  if (!(await isWanted(flags, `Try ${Math.min(deadCount, limit)} again?`, terminal))) {
    output.line("Nothing was changed.");
    return EXIT.ok;
  }
  const { requeued_count: count } = await askAdmin(
    { action: "requeue_dead", ...filter, limit },
    RequeuedAnswer,
  );
  output.document({ dead_count: deadCount, requeued_count: count });
  output.line(`✓ ${count} tried again: npm run amocrm -- status --watch`);
  return EXIT.ok;
}
