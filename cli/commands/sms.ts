import { MessagesAnswer, SmsAnswer } from "#shared/admin/answers.ts";
import { filled, same, type Text } from "#shared/platform/text.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { sinceOf } from "../language/duration.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import { parseMessageIds } from "../parse-number.ts";
import { previewSms } from "../sms-preview.ts";
import type { Terminal } from "../terminal.ts";
import { COLUMNS } from "../words/columns.ts";
import { MESSAGES } from "../words/messages.ts";
import { SMS } from "../words/sms.ts";
import { reportEach } from "./requeue.ts";

/** The words and flags of `sms`, as typed. */
export interface SmsFlags extends ConsentFlags {
  words?: string[];
  template?: string;
}

/** The code of what was looked for at Mobizon in vain. */
const UNKNOWN = "sms_outcome_unknown";

/** `sms`: how they are, what waits for a person, and what a text costs. */
export async function runSms(flags: SmsFlags, context: Context, terminal: Terminal): Promise<number> {
  const [mode = "status", ...rest] = flags.words ?? [];
  const { askAdmin, output } = context;
  switch (mode) {
    case "status":
    case "list":
    case "held":
    case "resume": {
      if (rest.length > 0) throw usageFailure(filled(SMS.nothingAfter, { mode }));
      const answer = await askAdmin({ action: "sms", mode }, SmsAnswer);
      output.document(answer);
      return print(answer, context);
    }
    case "pause": {
      const reason = rest.join(" ").trim();
      if (reason === "") throw usageFailure(SMS.needsReason, same("npm run amocrm -- sms pause '…'"));
      const answer = await askAdmin({ action: "sms", mode, reason }, SmsAnswer);
      output.document(answer);
      return print(answer, context);
    }
    case "release":
    case "drop":
      return await release(mode, rest, flags, context, terminal);
    case "retry":
    case "cancel":
    case "again":
      return await actOn(mode, rest, flags, context, terminal);
    case "preview":
      return await previewSms(rest.join(" ").trim(), flags.template, context);
    default:
      throw usageFailure(filled(SMS.modes, { typed: JSON.stringify(mode) }));
  }
}

async function isMeant(
  flags: SmsFlags,
  question: string,
  { output, say }: Context,
  terminal: Terminal,
): Promise<boolean> {
  requireConsentToBePossible(flags, output, terminal);
  const isWished = await isWanted(flags, question, terminal);
  if (!isWished) output.line(say(SMS.nothingDone));
  return isWished;
}

async function release(
  mode: "release" | "drop",
  words: readonly string[],
  flags: SmsFlags,
  context: Context,
  terminal: Terminal,
): Promise<number> {
  const { askAdmin, output, say } = context;
  const [id = null, ...others] = parseMessageIds(words);
  if (others.length > 0) throw usageFailure(filled(SMS.oneNumber, { mode }));
  if (!(await isMeant(flags, say(SMS[mode]), context, terminal))) return EXIT.ok;
  const order = { action: "sms", mode: "release", id, cancel: mode === "drop" } as const;
  const answer = await askAdmin(order, SmsAnswer);
  output.document(answer);
  if (answer.mode !== "release") return EXIT.wrong;
  const done = mode === "drop" ? SMS.dropped : SMS.released;
  output.line(`${answer.message_count === 0 ? "·" : "✓"} ${say(done, { count: answer.message_count })}`);
  return EXIT.ok;
}

/** SMS are messages of the one engine, and have their numbers from it. */
async function actOn(
  mode: "retry" | "cancel" | "again",
  words: readonly string[],
  flags: SmsFlags,
  context: Context,
  terminal: Terminal,
): Promise<number> {
  const { askAdmin, say } = context;
  const ids = parseMessageIds(words);
  if (ids.length === 0) throw usageFailure(filled(SMS.needsNumbers, { mode }), SMS.listing);
  if (mode === "retry") {
    const tried = await askAdmin({ action: "requeue", ids }, MessagesAnswer);
    return reportEach(tried, MESSAGES.triedAgain, context);
  }
  if (!(await isMeant(flags, say(SMS[mode], { count: ids.length }), context, terminal))) return EXIT.ok;
  if (mode === "cancel") {
    const cancelled = await askAdmin({ action: "cancel", ids }, MessagesAnswer);
    return reportEach(cancelled, MESSAGES.cancelled, context);
  }
  const answer = await askAdmin({ action: "sms", mode, ids }, SmsAnswer);
  return answer.mode === "again" ? reportEach(answer, SMS.sentAgain, context) : EXIT.wrong;
}

function print(answer: SmsAnswer, context: Context): number {
  const { output, say } = context;
  switch (answer.mode) {
    case "status":
      return printStatus(answer, context);
    case "list":
      return printList(answer.sms, context);
    case "held":
      return printHeld(answer.held, context);
    default:
      output.line(`✓ ${say(answer.mode === "pause" ? SMS.paused : SMS.resumed)}`);
      return EXIT.ok;
  }
}

function printStatus(
  { health, declined_count: declined }: Extract<SmsAnswer, { mode: "status" }>,
  { output, say, nowMs }: Context,
): number {
  const { verdict, problem, remedy, balance, currency, balance_checked_at: askedAt } = health;
  const isOk = verdict === "ok";
  output.line(`${isOk ? "✓" : "✗"} ${say(SMS.verdict, { verdict: isOk ? SMS.ok : verdict })}`);
  if (problem !== null) output.line(`  ${say(told(problem))}`);
  if (remedy !== null) output.line(`  → ${say(told(remedy))}`);
  const ago = (at: string | null): string =>
    at === null ? say(SMS.never) : say(SMS.ago, { age: sinceOf(at, nowMs) });
  const sum = `${balance ?? ""} ${currency ?? ""}`.trim();
  const lines: [Text, string][] = [
    [SMS.waiting, String(health.waiting_count)],
    [SMS.held, String(health.held_count)],
    [SMS.uncertain, String(health.uncertain_count)],
    [SMS.dead, String(health.dead_count)],
    [SMS.declined, String(declined)],
    [SMS.last, ago(health.last_delivered_at)],
    [
      SMS.balance,
      balance === null || askedAt === null
        ? say(SMS.balanceUnknown)
        : say(SMS.balanceOf, { sum, age: sinceOf(askedAt, nowMs) }),
    ],
  ];
  const width = Math.max(...lines.map(([name]) => say(name).length));
  for (const [name, value] of lines) output.line(`  ${say(name).padEnd(width)}  ${value}`);
  if (health.held_count > 0) output.line(`  ${say(SMS.seeHeld)}`);
  if (health.dead_count > 0) output.line(`  ${say(SMS.seeList)}`);
  return isOk ? EXIT.ok : EXIT.wrong;
}

function printList(
  sms: Extract<SmsAnswer, { mode: "list" }>["sms"],
  { output, say, nowMs }: Context,
): number {
  const dead = sms.filter(({ state }) => state === "dead");
  if (sms.length === 0) {
    output.line(`✓ ${say(SMS.none)}`);
    return EXIT.ok;
  }
  const counts = { dead: dead.length, waiting: sms.length - dead.length };
  output.line(`${dead.length === 0 ? "·" : "✗"} ${say(SMS.counts, counts)}`);
  const states: Readonly<Record<string, Text>> = SMS;
  const { id, kind, state, about, attempts, age, reason } = COLUMNS;
  const head = [id, kind, state, about, attempts, age, reason].map((column) => say(column));
  const rows = sms.map((one) => [
    one.id,
    one.kind,
    say(states[one.state] ?? same(one.state)),
    `${one.subject_table} ${one.subject_id}`,
    one.attempt_count,
    say(sinceOf(one.created_at, nowMs)),
    say(told(one.last_error_message ?? one.last_error_code ?? "")),
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  const unknown = dead.filter(({ last_error_code: code }) => code === UNKNOWN).map((one) => one.id);
  if (unknown.length > 0) output.line(`  ${say(SMS.unknown, { ids: unknown.join(", ") })}`);
  if (dead.length > unknown.length) output.line(`  ${say(SMS.retry)}`);
  return dead.length === 0 ? EXIT.ok : EXIT.wrong;
}

function printHeld(
  held: Extract<SmsAnswer, { mode: "held" }>["held"],
  { output, say, nowMs }: Context,
): number {
  if (held.length === 0) {
    output.line(`✓ ${say(SMS.noneHeld)}`);
    return EXIT.ok;
  }
  output.line(`! ${say(SMS.heldCount, { count: held.length })}`);
  const { id, kind, about, age, reason } = COLUMNS;
  const head = [id, kind, about, age, reason].map((column) => say(column));
  const rows = held.map((one) => [
    one.message_id,
    one.kind,
    one.subject_id,
    say(sinceOf(one.held_since, nowMs)),
    say(told(one.reason ?? "")),
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  output.line(`  ${say(SMS.decide)}`);
  return EXIT.wrong;
}
