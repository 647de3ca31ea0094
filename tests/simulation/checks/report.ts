import { inspect } from "node:util";
import { CRASH_POINTS, DURING_A_REQUEST, LATER_CRASH_POINTS } from "../world/crash-points.ts";
import { type Counts, noCounts } from "../world/run-record.ts";
import type { RunResult } from "../world/simulate.ts";

/** What is left of a run for the report: plain data, so that it may come from another thread. */
export interface RunDigest {
  seed: number;
  violations: string[];
  counts: Counts;
  crashPoints: [point: string, times: number][];
  tookMs: number;
  /** The violations in full; empty if there are none. */
  story: string;
}

export function digestOf(result: RunResult, options: { withTrace: boolean }): RunDigest {
  const { seed, record, tookMs } = result;
  return {
    seed,
    violations: record.violations,
    counts: record.counts,
    crashPoints: [...record.crashPoints],
    tookMs,
    story: record.violations.length === 0 ? "" : tellViolation(result, options),
  };
}

/** A run that ended with an error that nobody had foreseen. */
export function brokenDigest(seed: number, isPlain: boolean, error: unknown): RunDigest {
  const violation = `the run broke off: ${inspect(error)}`;
  return {
    seed,
    violations: [violation],
    counts: noCounts(),
    crashPoints: [],
    tookMs: 0,
    story: [`seed ${seed}: ${violation}`, againLine(seed, isPlain)].join("\n"),
  };
}

function againLine(seed: number, isPlain: boolean): string {
  return `  again: npm run test:simulation -- --seed ${seed} --runs 1${isPlain ? " --plain" : ""}`;
}

/** What broke, the story of the messages it names, how to see it again, and, if wished, the last lines of the run. */
export function tellViolation(
  { seed, plan, record, evidence }: RunResult,
  options: { withTrace: boolean },
): string {
  const { happenings: _happenings, ...rest } = plan;
  return [
    `seed ${seed}: ${record.violations.length} violations`,
    ...record.violations.map((text) => `  ${text}`),
    ...record.violations.flatMap((text) => storyOf(text, evidence.messages, record.lines())),
    againLine(seed, plan.isPlain) + (plan.connection === "session" ? " --sessions" : ""),
    ...(options.withTrace ? [JSON.stringify(rest), ...record.lastLines()] : []),
  ].join("\n");
}

/** A story is its end: so many lines, so many letters of each. */
const MAX_STORY = 40;
const MAX_LINE = 300;

/** The lines of the run about the messages that a violation names: itself, or its lead's, or its person's. */
function storyOf(
  violation: string,
  messages: readonly { id: number; subject_id: string; person_id: number | null }[],
  lines: readonly string[],
): string[] {
  const id = /\bmessage (\d+)/.exec(violation)?.[1];
  const lead = /\blead ([0-9a-f]{8})/.exec(violation)?.[1];
  const person = /\bperson (\d+)/.exec(violation)?.[1];
  const own = messages.filter(
    (row) => String(row.id) === id || row.subject_id.slice(0, 8) === lead || String(row.person_id) === person,
  );
  if (own.length === 0) return [];
  const names = own.map(
    (row) => `"id":${row.id}\\b|\\bADMIN \\w+ ${row.id}\\b|p_ids":\\[[\\d,]*\\b${row.id}\\b`,
  );
  const pattern = new RegExp([...names, ...own.map((row) => row.subject_id.slice(0, 8))].join("|"));
  const story = lines.filter((line) => pattern.test(line) || / DIES | MANAGER /.test(line));
  return [
    `  its story (messages ${own.map((row) => row.id)}):`,
    ...story.slice(-MAX_STORY).map((line) => line.slice(0, MAX_LINE)),
  ];
}

/** One table for many runs. */
export function summary(digests: readonly RunDigest[], realMs: number): string {
  const total = noCounts();
  for (const { counts } of digests)
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key];
  const broken = digests.filter(({ violations }) => violations.length > 0);
  const hours = digests.reduce((sum, { tookMs }) => sum + tookMs, 0) / 3_600_000;
  return [
    `${digests.length} runs in ${(realMs / 1000).toFixed(1)} s (${((1000 * digests.length) / realMs).toFixed(1)} a second), ${hours.toFixed(0)} virtual hours`,
    `violations: ${broken.length === 0 ? "none" : broken.map(({ seed }) => `seed ${seed}`).join(", ")}`,
    ...Object.entries(total).map(
      ([name, count]) => `  ${wordsOf(name).padEnd(22)}${String(count).padStart(9)}`,
    ),
    pointTable(digests),
  ].join("\n");
}

/** How often a worker ended at each named point. */
export function pointTable(digests: readonly RunDigest[]): string {
  const times = timesOfPoints(digests);
  const rows = [...times].map(([point, count]) => `${point.padEnd(26)}${String(count).padStart(6)}`);
  const half = Math.ceil(rows.length / 2);
  return [
    "crashes by point",
    ...rows.slice(0, half).map((row, index) => `  ${row}    ${rows[half + index] ?? ""}`.trimEnd()),
  ].join("\n");
}

/** Every point, also those where nobody ended; and points that the list does not have. */
export function timesOfPoints(digests: readonly RunDigest[]): Map<string, number> {
  const times = new Map(
    [...CRASH_POINTS, ...LATER_CRASH_POINTS, DURING_A_REQUEST].map((point) => [point, 0]),
  );
  for (const { crashPoints } of digests)
    for (const [point, count] of crashPoints) times.set(point, (times.get(point) ?? 0) + count);
  return times;
}

function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
