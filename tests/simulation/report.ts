import { noCounts } from "./run-record.ts";
import type { RunResult } from "./simulate.ts";

/** What broke, how to see it again, and, if wished, the last lines of the run. */
export function tellViolation({ seed, plan, record }: RunResult, options: { withTrace: boolean }): string {
  const { happenings: _happenings, ...rest } = plan;
  return [
    `seed ${seed}: ${record.violations.length} violations`,
    ...record.violations.map((text) => `  ${text}`),
    `  again: npm run test:simulation -- --seed ${seed} --runs 1`,
    ...(options.withTrace ? [JSON.stringify(rest), ...record.lastLines()] : []),
  ].join("\n");
}

/** One table for many runs. */
export function summary(results: readonly RunResult[], realMs: number): string {
  const total = noCounts();
  const points = new Map<string, number>();
  for (const { record } of results) {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += record.counts[key];
    for (const [point, times] of record.crashPoints) points.set(point, (points.get(point) ?? 0) + times);
  }
  const broken = results.filter(({ record }) => record.violations.length > 0);
  const hours = results.reduce((sum, { tookMs }) => sum + tookMs, 0) / 3_600_000;
  return [
    `${results.length} runs in ${(realMs / 1000).toFixed(1)} s (${((1000 * results.length) / realMs).toFixed(1)} a second), ${hours.toFixed(0)} virtual hours`,
    `violations: ${broken.length === 0 ? "none" : broken.map(({ seed }) => `seed ${seed}`).join(", ")}`,
    ...Object.entries(total).map(([name, count]) => `  ${name.padEnd(18)}${String(count).padStart(9)}`),
    `crashes by point: ${[...points]
      .sort((a, b) => b[1] - a[1])
      .map(([point, times]) => `${point} ${times}`)
      .join(", ")}`,
  ].join("\n");
}
