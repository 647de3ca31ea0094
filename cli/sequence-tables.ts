import type { SequencesAnswer } from "#shared/admin/answers.ts";
import { filled, same, type Text } from "#shared/platform/text.ts";
import { reasonOf } from "#shared/watch/reasons.ts";
import type { Context } from "./context.ts";
import { EXIT, Failure } from "./failure.ts";
import { durationOf } from "./language/duration.ts";
import { told } from "./language/told.ts";
import { tableOf } from "./output.ts";
import { COLUMNS } from "./words/columns.ts";
import { SEQUENCES } from "./words/sequences.ts";

type AnswerOf<M extends SequencesAnswer["mode"]> = Extract<SequencesAnswer, { mode: M }>;

/** To the minute, by the clock of a zone; the Swedish way to write it is the one that sorts. */
function minuteIn(at: string | null, timeZone: string): string {
  if (at === null) return "—";
  return new Date(at).toLocaleString("sv-SE", { timeZone }).slice(0, 16);
}

/** How one stands: on, off or paused. */
function stateOf(row: { is_on: boolean; paused_at: string | null }): Text {
  if (row.paused_at !== null) return SEQUENCES.paused;
  return row.is_on ? SEQUENCES.on : SEQUENCES.off;
}

/** All sequences, a row each. */
export function printSequences(sequences: AnswerOf<"list">["sequences"], { output, say }: Context): number {
  if (sequences.length === 0) {
    output.line(say(SEQUENCES.none));
    return EXIT.ok;
  }
  const { name, state, waiting } = COLUMNS;
  const head = [
    ...[name, SEQUENCES.version, state, SEQUENCES.steps, SEQUENCES.event, SEQUENCES.inside],
    ...[SEQUENCES.inOlder, waiting, SEQUENCES.held, SEQUENCES.nextLook],
  ].map((column) => say(column));
  const rows = sequences.map((row) => [
    row.sequence,
    row.version,
    say(stateOf(row)),
    row.step_count,
    row.events.join(", "),
    row.people_inside,
    row.people_in_older,
    row.waiting_count,
    row.held_count,
    minuteIn(row.next_at, "UTC"),
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  const heldCount = sequences.reduce((sum, row) => sum + row.held_count, 0);
  if (heldCount === 0) return EXIT.ok;
  output.line(`! ${say(SEQUENCES.heldSteps, { count: heldCount })}`);
  return EXIT.wrong;
}

/** One sequence: how it stands, and the steps of every version. */
export function printSequence(name: string, { sequence, steps }: AnswerOf<"show">, context: Context): number {
  const { output, say } = context;
  if (sequence === null)
    throw new Failure("not_found", filled(SEQUENCES.noSuch, { name }), SEQUENCES.listing);
  printSequences([sequence], context);
  const { step, channel, source, state } = COLUMNS;
  const head = [
    ...[SEQUENCES.version, step, SEQUENCES.event, SEQUENCES.delay, channel, SEQUENCES.template],
    ...[source, SEQUENCES.topicColumn, SEQUENCES.stops, state],
  ].map((column) => say(column));
  const rows = steps.map((row) => [
    row.version,
    row.step,
    row.event + (Object.keys(row.filter ?? {}).length === 0 ? "" : ` ${JSON.stringify(row.filter)}`),
    say(row.delay_minutes === 0 ? SEQUENCES.atOnce : durationOf(row.delay_minutes * 60_000)),
    row.channel,
    row.template_code,
    row.source,
    row.topic ?? "news",
    row.stop_on.join(", "),
    say(row.is_on ? SEQUENCES.on : SEQUENCES.off),
  ]);
  output.line();
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  return EXIT.ok;
}

/** Who gets what when; whom by the id of the lead or student, and times by the recipient's clock. */
export function printPlan({ day, steps }: AnswerOf<"plan">, limit: number, { output, say }: Context): number {
  if (steps.length === 0) {
    output.line(day === null ? say(SEQUENCES.nothingForPerson) : say(SEQUENCES.nothingThatDay, { day }));
    return EXIT.ok;
  }
  const count = steps.length;
  output.line(day === null ? say(SEQUENCES.planOfPerson, { count }) : say(SEQUENCES.planOf, { day, count }));
  const { name, step, channel, state, reason } = COLUMNS;
  const head = [
    ...[SEQUENCES.when, SEQUENCES.zone, name, SEQUENCES.version, step, channel, SEQUENCES.who],
    ...[state, reason, SEQUENCES.message],
  ].map((column) => say(column));
  const states: Readonly<Record<string, Text>> = SEQUENCES;
  const rows = steps.map((row) => [
    minuteIn(row.departed_at ?? row.expected_at ?? row.due_at, row.time_zone),
    row.time_zone,
    row.sequence,
    row.version,
    row.step,
    row.channel,
    row.lead_id ?? row.student_id ?? "—",
    say(states[row.state] ?? same(row.state)),
    row.reason === null ? "" : say(reasonTold(row.reason)),
    row.message_id ?? "—",
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  if (count === limit) output.line(`  ${say(SEQUENCES.more, { limit })}`);
  return EXIT.ok;
}

/** A code in words; what is a sentence is read as one. */
function reasonTold(reason: string): Text {
  const words = reasonOf(reason);
  return words.en === reason ? told(reason) : words;
}

/** What came of each step. */
export function printResults(results: AnswerOf<"results">["results"], { output, say }: Context): number {
  if (results.length === 0) {
    output.line(say(SEQUENCES.noResults));
    return EXIT.ok;
  }
  const { day, name, step, channel, delivered, waiting } = COLUMNS;
  const head = [
    ...[day, name, SEQUENCES.version, step, channel, SEQUENCES.entered, SEQUENCES.sentColumn, delivered],
    ...[SEQUENCES.clicks, waiting, SEQUENCES.skippedColumn, SEQUENCES.failedColumn, SEQUENCES.withdrew],
    SEQUENCES.goal,
  ].map((column) => say(column));
  const rows = results.map((row) => [
    ...[row.day, row.sequence, row.version, row.step, row.channel, row.entered, row.sent, row.delivered],
    ...[row.human_clicks, row.waiting, row.skipped, row.failed, row.withdrew, row.ended_by_goal],
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  return EXIT.ok;
}
