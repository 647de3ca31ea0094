import type postgres from "postgres";
import { connect, startBenchServer } from "./bench-server.ts";
import { ms } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median } from "./percentile.ts";

const TURNS_PER_RUN = 6;

interface Variant {
  name: string;
  isCounted: boolean;
  /** Visits of the last ten minutes before the measured ones. */
  earlierCount: number;
  takenMs: number[];
}

const variants = (): Variant[] => [
  { name: "not counted", isCounted: false, earlierCount: 0, takenMs: [] },
  { name: "counted", isCounted: true, earlierCount: 100, takenMs: [] },
  { name: "counted, in a flood: quarantined", isCounted: true, earlierCount: 100_000, takenMs: [] },
];

/** What the limits of the forms cost a visitor: inserts as the Data API makes them, each from another address. */
export async function benchVisitCost({ isQuick, runs, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const owner = connect(server.oursUrl);
  const visitor = connect(server.oursUrl);
  const all = variants();
  try {
    await owner`update amocrm.queue_control set drain_token = gen_random_uuid(), drain_expires_at = 'infinity' where queue = 'amocrm'`;
    // Many short turns: the differences are smaller than the machine's drift from one second to the next.
    for (let turn = 0; turn < runs * TURNS_PER_RUN; turn++) {
      say(`visits: turn ${turn + 1} of ${runs * TURNS_PER_RUN}`);
      for (const variant of all) {
        await prepare(owner, variant);
        variant.takenMs.push(await measure(visitor, isQuick ? 100 : 300));
      }
    }
  } finally {
    await Promise.all([owner.end(), visitor.end()]);
    await server.stop();
  }
  const [free, counted] = all.map(({ takenMs }) => median(takenMs));
  return {
    title: "What the limits of the forms cost a visitor",
    head: ["", ...all.map(({ name }) => name)],
    rows: [["one insert into landing_leads, ms (median)", ...all.map(({ takenMs }) => ms(median(takenMs)))]],
    remarks: [
      `Counting a visit costs ${ms((counted ?? 0) - (free ?? 0))} ms. In a flood a lead makes no message, and however many visits were counted, no more of them are read than the limits say.`,
      "As role anon with request.headers set, a transaction each, while a drain is at work; the time includes taking on the role.",
    ],
  };
}

async function prepare(owner: postgres.Sql, { isCounted, earlierCount }: Variant): Promise<void> {
  await owner`truncate public.landing_leads, public.unified_lead_tracking, amocrm.outbox, amocrm.arrivals, amocrm.quarantined_leads cascade`;
  await owner`update public.amocrm_form_limits set is_enabled = ${isCounted}, total_count = ${earlierCount > 500 ? 200 : 100_000}, flood_count = ${earlierCount > 500 ? 500 : 100_000}`;
  await owner`insert into amocrm.arrivals (counted, key_hash, row_count, arrived_at)
    select 'fair', amocrm.keyed_hash(n::text), 1, clock_timestamp() - n * interval '1 millisecond' from generate_series(1, ${earlierCount}::int) as n`;
  await owner`analyze amocrm.arrivals`;
}

async function measure(visitor: postgres.Sql, count: number): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const headers = JSON.stringify({ "cf-connecting-ip": `198.18.${n >> 8}.${n & 255}` });
    const statement = `begin; set local role anon; select set_config('request.headers', '${headers}', true);
      insert into public.landing_leads (full_name, email, phone, source) values ('Ada', 'v${n}@bench.example', '+79001234567', 'bench'); commit`;
    const startedAt = performance.now();
    await visitor.unsafe(statement);
    taken.push(performance.now() - startedAt);
  }
  return median(taken);
}
