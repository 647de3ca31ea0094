import { startBenchServer } from "./bench-server.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { openGraphile } from "./contestants/graphile.ts";
import { openOurs } from "./contestants/ours.ts";
import { openPgBoss } from "./contestants/pg-boss.ts";
import { whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median } from "./percentile.ts";

const ENQUEUE_SIZE = 1000;
const BATCH_SIZE = 50;

/** S1 to S3: enqueueing by the thousand, and draining trivial jobs singly and in batches. */
export async function benchThroughput({ isQuick, runs, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  try {
    const contestants = [
      await openOurs(server.oursUrl),
      await openGraphile(await server.database("graphile")),
      await openPgBoss(await server.database("boss")),
    ];
    const total = isQuick ? 2_000 : 20_000;
    const singles = isQuick ? 200 : 1_000;
    const rates = contestants.map(() => ({
      enqueue: [] as number[],
      single: [] as number[],
      batch: [] as number[],
    }));
    for (let run = 0; run < runs; run++) {
      for (const [index, contestant] of contestants.entries()) {
        say(`throughput: ${contestant.name}`);
        await contestant.empty();
        rates[index]?.enqueue.push(await enqueueRate(contestant, total));
        await contestant.settleDown();
        rates[index]?.single.push(await drainRate(contestant, singles, 1));
        rates[index]?.batch.push(await drainRate(contestant, total - singles, BATCH_SIZE));
      }
    }
    await Promise.all(contestants.map((contestant) => contestant.close()));
    const row = (name: string, pick: (rate: (typeof rates)[number]) => number[]): string[] => [
      name,
      ...rates.map((rate) => whole(median(pick(rate)))),
    ];
    return {
      title: "Throughput, messages per second",
      head: ["", "ours", "graphile-worker", "pg-boss"],
      rows: [
        row("enqueue, 1 000 in one call", ({ enqueue }) => enqueue),
        row("drain one by one", ({ single }) => single),
        row(`drain in batches of ${BATCH_SIZE}`, ({ batch }) => batch),
      ],
      remarks: [
        "Unimportant here: at one request in two seconds amoCRM takes 25 leads a second at best. All three are far past that.",
        "Ours is BEHIND here by its purpose, and does more: enqueueing saves the lead itself with its checks, and draining finds each message's person (who is made, keyed and kept in order), writes back, and keeps what was delivered as history. The peers delete or flag a row.",
        "One worker, claim and settle in turn.",
      ],
    };
  } finally {
    await server.stop();
  }
}

async function enqueueRate(contestant: Contestant, total: number): Promise<number> {
  const startedAt = performance.now();
  for (let count = 0; count < total; count += ENQUEUE_SIZE) await contestant.enqueue(ENQUEUE_SIZE);
  return total / ((performance.now() - startedAt) / 1000);
}

async function drainRate(contestant: Contestant, total: number, size: number): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  while (done < total) {
    const count = await contestant.claim(Math.min(size, total - done));
    if (count === 0) throw new Error(`${contestant.name}: ${done} of ${total} messages came back`);
    await contestant.complete();
    done += count;
  }
  return total / ((performance.now() - startedAt) / 1000);
}
