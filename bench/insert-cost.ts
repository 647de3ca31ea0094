import { randomBytes } from "node:crypto";
import type postgres from "postgres";
import { connect, startBenchServer } from "./bench-server.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median } from "./percentile.ts";

const CLIENTS = 8;
const BULK_ROWS = 1000;
const TRIGGERS = ["amocrm_500_enqueue", "amocrm_500_enqueue_update"];

interface Figures {
  oneMs: number[];
  perSecond: number[];
  bulkMs: number[];
}

/** What the outbox costs the visitor: the same inserts with and without its triggers. */
export async function benchInsertCost({ isQuick, runs, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const owner = connect(server.oursUrl);
  const clients = Array.from({ length: CLIENTS }, () => connect(server.oursUrl));
  try {
    const withTriggers: Figures = { oneMs: [], perSecond: [], bulkMs: [] };
    const without: Figures = { oneMs: [], perSecond: [], bulkMs: [] };
    await configureVault(owner);
    for (let run = 0; run < runs; run++) {
      for (const [figures, verb] of [
        [withTriggers, "enable"],
        [without, "disable"],
      ] as const) {
        say(`inserts with the outbox triggers ${verb}d`);
        for (const trigger of TRIGGERS) {
          await owner.unsafe(`alter table public.unified_lead_tracking ${verb} trigger ${trigger}`);
        }
        await owner`truncate public.unified_lead_tracking, amocrm.outbox, net.http_request_queue cascade`;
        await measure(figures, clients, isQuick ? 1000 : 4000);
      }
    }
    const row = (
      name: string,
      pick: (figures: Figures) => number[],
      show: (value: number) => string,
      unit: string,
    ) => {
      const [ours, bare] = [median(pick(withTriggers)), median(pick(without))];
      return [
        name,
        show(ours),
        show(bare),
        `${ours >= bare ? "+" : "−"}${show(Math.abs(ours - bare))} ${unit}`,
      ];
    };
    return {
      title: "What saving a lead costs, with and without the outbox triggers",
      head: ["", "with", "without", "difference"],
      rows: [
        row("one insert, 1 client, ms (median)", ({ oneMs }) => oneMs, ms, "ms"),
        row(`inserts per second, ${CLIENTS} clients`, ({ perSecond }) => perSecond, whole, "/s"),
        row(`one insert of ${whole(BULK_ROWS)} rows, ms`, ({ bulkMs }) => bulkMs, ms, "ms"),
      ],
      remarks: [
        "Single-row inserts into unified_lead_tracking as the owner, each its own transaction. With: outbox row, its indexes, and the doorbell's look at Vault and the queue of pg_net.",
        "Without: the same table, its checks and its normalising stay, only the two outbox triggers are off.",
      ],
    };
  } finally {
    await Promise.all([owner, ...clients].map((sql) => sql.end()));
    await server.stop();
  }
}

async function measure(figures: Figures, clients: readonly postgres.Sql[], count: number): Promise<void> {
  const [first] = clients;
  if (first === undefined) return;
  const insert = (sql: postgres.Sql): Promise<unknown> =>
    sql`insert into public.unified_lead_tracking (full_name, email, phone, source)
      values ('Ada', ${`${randomBytes(6).toString("hex")}@bench.example`}, '+79001234567', 'bench')`;
  for (let n = 0; n < 100; n++) await insert(first);
  const taken: number[] = [];
  for (let n = 0; n < count / 2; n++) {
    const startedAt = performance.now();
    await insert(first);
    taken.push(performance.now() - startedAt);
  }
  figures.oneMs.push(median(taken));
  const startedAt = performance.now();
  await Promise.all(
    clients.map(async (sql) => {
      for (let n = 0; n < count / clients.length; n++) await insert(sql);
    }),
  );
  figures.perSecond.push(count / ((performance.now() - startedAt) / 1000));
  const bulk: number[] = [];
  for (let n = 0; n < 5; n++) {
    const bulkStartedAt = performance.now();
    await first`insert into public.unified_lead_tracking (full_name, email, phone, source)
      select 'Ada', gen_random_uuid() || '@bench.example', '+79001234567', 'bench' from generate_series(1, ${BULK_ROWS}::int)`;
    bulk.push(performance.now() - bulkStartedAt);
  }
  figures.bulkMs.push(median(bulk));
}

/** Without the two secrets the doorbell would end early, and the figure would be too good. */
async function configureVault(sql: postgres.Sql): Promise<void> {
  await sql`select vault.create_secret('http://127.0.0.1:9/functions/v1', 'amocrm_functions_url')`;
  await sql`select vault.create_secret('sb_secret_bench', 'amocrm_cron_key')`;
}
