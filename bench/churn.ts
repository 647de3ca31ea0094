import { setTimeout as sleep } from "node:timers/promises";
import { startBenchServer } from "./bench-server.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { openGraphile } from "./contestants/graphile.ts";
import { openOurs } from "./contestants/ours.ts";
import { openPgBoss } from "./contestants/pg-boss.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median, percentile } from "./percentile.ts";

const ROWS_PER_SECOND = 1000;
const TICK_MS = 100;
const CLAIM_SIZE = 50;

interface Churned {
  middle: number;
  worst: number;
  doneCount: number;
  deadCount: number;
  bytes: number;
}

/** S7: messages come and go at a thousand a second; claims must not get slower, nor the table larger. */
export async function benchChurn({ isQuick, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const seconds = isQuick ? 3 : 20;
  try {
    const contestants = [
      await openOurs(server.oursUrl),
      await openGraphile(await server.database("graphile")),
      await openPgBoss(await server.database("boss")),
    ];
    const churned: Churned[] = [];
    for (const contestant of contestants) {
      say(`churn: ${contestant.name}, ${seconds} s`);
      await contestant.empty();
      churned.push(await churn(contestant, seconds));
      await contestant.close();
    }
    const row = (name: string, show: (figure: Churned) => string): string[] => [name, ...churned.map(show)];
    return {
      title: `Churn: ${whole(ROWS_PER_SECOND)} messages a second in and out for ${seconds} s`,
      head: ["", "ours", "graphile-worker", "pg-boss"],
      rows: [
        row(
          `claim of ${CLAIM_SIZE}, ms: median (99th percentile)`,
          ({ middle, worst }) => `${ms(middle)} (${ms(worst)})`,
        ),
        row("messages done", ({ doneCount }) => whole(doneCount)),
        row("dead rows at the end", ({ deadCount }) => whole(deadCount)),
        row("table with indexes, MB", ({ bytes }) => (bytes / 2 ** 20).toFixed(1)),
      ],
      remarks: [
        "One producer and one worker; one run each, one after the other. Ours claims and places in the same call.",
        "graphile-worker deletes what is done, so its table stays small; ours and pg-boss keep it (30 and 7 days by default).",
      ],
    };
  } finally {
    await server.stop();
  }
}

async function churn(contestant: Contestant, seconds: number): Promise<Churned> {
  const taken: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  let doneCount = 0;
  const produce = async (): Promise<void> => {
    let nextAt = performance.now();
    while (performance.now() < endAt) {
      await contestant.enqueue((ROWS_PER_SECOND * TICK_MS) / 1000);
      nextAt += TICK_MS;
      await sleep(Math.max(0, nextAt - performance.now()));
    }
  };
  const consume = async (): Promise<void> => {
    while (performance.now() < endAt) {
      const startedAt = performance.now();
      const count = await contestant.claim(CLAIM_SIZE);
      if (count === 0) {
        await sleep(5);
        continue;
      }
      taken.push(performance.now() - startedAt);
      await contestant.complete();
      doneCount += count;
    }
  };
  await Promise.all([produce(), consume()]);
  // The counters of a session reach the statistics within a second.
  await sleep(1200);
  return { middle: median(taken), worst: percentile(taken, 0.99), doneCount, ...(await contestant.bloat()) };
}
