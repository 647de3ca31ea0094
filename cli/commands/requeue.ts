import { DeadAnswer, MessagesAnswer, RequeuedAnswer } from "#shared/admin/answers.ts";
import type { Text } from "#shared/platform/text.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { told } from "../language/told.ts";
import { parseCount, parseMessageIds } from "../parse-number.ts";
import type { Terminal } from "../terminal.ts";
import { MESSAGES } from "../words/messages.ts";

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
  if ((all === true) === ids.length > 0) throw usageFailure(MESSAGES.requeueNeeds, MESSAGES.deadLists);
  if (all === true) return await requeueAll(flags, context, terminal);
  if ([kind, code, limit].some((flag) => flag !== undefined)) throw usageFailure(MESSAGES.withAll);
  const answer = await context.askAdmin({ action: "requeue", ids: parseMessageIds(ids) }, MessagesAnswer);
  return reportEach(answer, MESSAGES.triedAgain, context);
}

/** One line for each message that was named. */
export function reportEach({ ok, messages }: MessagesAnswer, done: Text, { output, say }: Context): number {
  output.document({ ok, messages });
  for (const { id, outcome, reason } of messages) {
    output.line(
      outcome === "done"
        ? `✓ ${say(done, { id })}`
        : `✗ ${say(MESSAGES.refused, { id, reason: told(reason ?? "") })}`,
    );
  }
  return ok ? EXIT.ok : EXIT.wrong;
}

async function requeueAll(flags: RequeueFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output, say } = context;
  const limit = flags.limit === undefined ? LIMIT_DEFAULT : parseCount(flags.limit, "--limit", LIMIT_MAX);
  requireConsentToBePossible(flags, output, terminal);
  const filter = { kind: flags.kind ?? null, error_code: flags.code ?? null };
  const { dead_count: deadCount, groups } = await askAdmin(
    { action: "dead", ...filter, limit: 1 },
    DeadAnswer,
  );
  if (deadCount === 0) {
    output.document({ dead_count: 0, requeued_count: 0 });
    output.line(say(MESSAGES.nothingDead));
    return EXIT.ok;
  }
  const reasons = groups.map((group) => `${group.letter_count} ${group.error_code ?? say(MESSAGES.noCode)}`);
  output.line(say(MESSAGES.deadReasons, { count: deadCount, reasons: reasons.join(", ") }));
  if (deadCount > limit) output.line(say(MESSAGES.oldestOnly, { limit }));
  const question = say(MESSAGES.tryAgain, { count: Math.min(deadCount, limit) });
  if (!(await isWanted(flags, question, terminal))) {
    output.line(say(MESSAGES.nothingChanged));
    return EXIT.ok;
  }
  const { requeued_count: count } = await askAdmin(
    { action: "requeue_dead", ...filter, limit },
    RequeuedAnswer,
  );
  output.document({ dead_count: deadCount, requeued_count: count });
  output.line(`✓ ${say(MESSAGES.requeued, { count })}`);
  return EXIT.ok;
}
