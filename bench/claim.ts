import { type BenchServer, startBenchServer } from "./bench-server.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { openGraphile } from "./contestants/graphile.ts";
import { openOurs } from "./contestants/ours.ts";
import { openPgBoss } from "./contestants/pg-boss.ts";
import { ms, times, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median, percentile } from "./percentile.ts";

const CLAIM_SIZE = 10;
/** Short turns, many of them: what the machine does besides lasts for seconds, and hits all alike only so. */
const CLAIMS_PER_TURN = 10;
const TURNS_PER_RUN = 20;
const QUICK_TURNS = 5;
const SLOW_MS = 200;

interface Scenario {
  name: string;
  readyCount: number;
  stuckCount: number;
}

const READY: Scenario[] = [1_000, 10_000, 100_000, 1_000_000].map((readyCount) => ({
  name: `${whole(readyCount)} ready`,
  readyCount,
  stuckCount: 0,
}));
const STUCK: Scenario = {
  name: "10 000 ready behind 100 000 of one stuck person",
  readyCount: 10_000,
  stuckCount: 100_000,
};

interface Figure {
  middle: number;
  worst: number;
}

/** S4 and S5: claims of 10 out of ever larger backlogs, and behind somebody whose messages cannot go. */
export async function benchClaim(options: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  try {
    const [ours, graphile, boss, strict] = await openAll(server);
    const scenarios = options.isQuick ? READY.slice(0, 2) : READY;
    const rows: string[][] = [];
    const figures = new Map<string, Figure[]>();
    for (const scenario of scenarios) {
      options.say(`claim: ${scenario.name}`);
      const measured = await measureAll(server, scenario, [ours, graphile, boss], options);
      figures.set(scenario.name, measured);
      rows.push([scenario.name, ...measured.map(cell)]);
    }
    const stuck = options.isQuick
      ? {
          ...STUCK,
          name: "1 000 ready behind 10 000 of one stuck person",
          readyCount: 1_000,
          stuckCount: 10_000,
        }
      : STUCK;
    options.say(`claim: ${stuck.name}`);
    const behind = await measureAll(server, stuck, [ours, graphile, strict], options);
    rows.push([stuck.name, ...behind.map(cell)]);
    await Promise.all([ours, graphile, boss, strict].map((contestant) => contestant.close()));
    const largest = scenarios.at(-1)?.name ?? "";
    const smallest = scenarios[0]?.name ?? "";
    const growth = (figures.get(largest)?.[0]?.middle ?? NaN) / (figures.get(smallest)?.[0]?.middle ?? NaN);
    return {
      ratios: [{ name: `a claim at ${largest} against ${smallest}`, value: growth, max: 4 }],
      title: "Claim of 10 messages, ms: median (99th percentile)",
      head: ["", "ours", "graphile-worker", "pg-boss"],
      rows,
      remarks: [
        ...remarksOn(largest, figures.get(largest) ?? []),
        `Ours at ${largest} against ${smallest}: ${times(figures.get(largest)?.[0]?.middle ?? Number.NaN, figures.get(smallest)?.[0]?.middle ?? Number.NaN)}.`,
        ...remarksOn("a stuck person", behind),
        "Ours keeps the order of each person in every row of the table. The peers do so only behind the stuck person: graphile-worker by a named queue, pg-boss by the policy key_strict_fifo.",
        "graphile-worker by the batch SQL of its workers (batchGetJobs); pg-boss by fetch with batchSize 10 and its default order, which an index answers since this version.",
      ],
    };
  } finally {
    await server.stop();
  }
}

async function openAll(server: BenchServer): Promise<[Contestant, Contestant, Contestant, Contestant]> {
  return [
    await openOurs(server.oursUrl),
    await openGraphile(await server.database("graphile")),
    await openPgBoss(await server.database("boss")),
    await openPgBoss(await server.database("boss_strict"), "key_strict_fifo"),
  ];
}

/** Fills all contestants first, then measures them in turn, so that a busy machine hits all alike. */
async function measureAll(
  server: BenchServer,
  { readyCount, stuckCount }: Scenario,
  contestants: readonly Contestant[],
  { runs, isQuick }: BenchOptions,
): Promise<Figure[]> {
  for (const contestant of contestants) {
    await contestant.empty();
    if (stuckCount > 0) await contestant.fillStuck(stuckCount);
    await contestant.fill(readyCount);
    await contestant.settleDown();
  }
  // What the filling wrote is on the disk: else the server goes on writing it beside the first claims.
  await server.checkpoint();
  const times = contestants.map((): number[] => []);
  for (let turn = 0; turn < (isQuick ? QUICK_TURNS : runs * TURNS_PER_RUN); turn++) {
    for (const [index, contestant] of contestants.entries()) {
      const taken = times[index];
      // Six hundred claims of a second each would teach nothing that twenty do not.
      if (taken === undefined || (turn > 1 && median(taken) > SLOW_MS)) continue;
      taken.push(...(await timeClaims(contestant)));
    }
  }
  return times.map((taken) => ({ middle: median(taken), worst: percentile(taken, 0.99) }));
}

async function timeClaims(contestant: Contestant): Promise<number[]> {
  const taken: number[] = [];
  for (let claim = 0; claim < CLAIMS_PER_TURN; claim++) {
    const startedAt = performance.now();
    const size = await contestant.claim(CLAIM_SIZE);
    taken.push(performance.now() - startedAt);
    if (size !== CLAIM_SIZE) throw new Error(`${contestant.name} claimed ${size} of ${CLAIM_SIZE}`);
  }
  // Given back at the end of the turn, so that each turn finds as much as the first, and no claim the one before once more.
  await contestant.giveBack();
  return taken;
}

const cell = ({ middle, worst }: Figure): string => `${ms(middle)} (${ms(worst)})`;

function remarksOn(where: string, [ours, ...peers]: readonly Figure[]): string[] {
  return ["graphile-worker", "pg-boss"].map((name, index) => {
    const mine = ours?.middle ?? Number.NaN;
    const theirs = peers[index]?.middle ?? Number.NaN;
    return mine <= theirs
      ? `${where}: ours is ${times(theirs, mine)} as fast as ${name}.`
      : `${where}: ours is BEHIND ${name}: ${times(mine, theirs)} its time.`;
  });
}
