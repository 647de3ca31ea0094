import { randomBytes } from "node:crypto";
import type postgres from "postgres";
import { connect, startBenchServer } from "./bench-server.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median } from "./percentile.ts";

const CLIENTS = 8;
const BULK_ROWS = 1000;
/** Many short turns: the differences are smaller than the machine's drift from one second to the next. */
const TURNS_PER_RUN = 16;
const QUICK_TURNS = 4;
const BULK_INSERTS = 2;
const TRIGGERS = ["amocrm_500_enqueue", "amocrm_500_enqueue_update"];

interface Figures {
  oneMs: number[];
  perSecond: number[];
  bulkMs: number[];
}

interface Variant {
  name: string;
  hasTriggers: boolean;
  /** Then the doorbell has nothing to gain and ends early, as it does most of the time in a rush of leads. */
  isDraining: boolean;
  figures: Figures;
}

function variants(): [Variant, Variant, Variant] {
  const figures = (): Figures => ({ oneMs: [], perSecond: [], bulkMs: [] });
  return [
    { name: "with", hasTriggers: true, isDraining: false, figures: figures() },
    { name: "with, a drain at work", hasTriggers: true, isDraining: true, figures: figures() },
    { name: "without", hasTriggers: false, isDraining: false, figures: figures() },
  ];
}

/** What the outbox costs the visitor: the same inserts with and without its triggers. */
export async function benchInsertCost({ isQuick, runs, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const owner = connect(server.oursUrl);
  const clients = Array.from({ length: CLIENTS }, () => connect(server.oursUrl));
  const all = variants();
  try {
    await configureVault(owner);
    const turns = isQuick ? QUICK_TURNS : runs * TURNS_PER_RUN;
    for (let turn = 0; turn < turns; turn++) {
      say(`inserts: turn ${turn + 1} of ${turns}`);
      // There and back, so that none always comes behind the same neighbour's vacuum and writes.
      for (const variant of turn % 2 === 0 ? all : all.toReversed()) {
        await prepare(owner, variant);
        await measure(variant.figures, clients, isQuick ? 300 : 1000);
      }
    }
  } finally {
    await Promise.all([owner, ...clients].map((sql) => sql.end()));
    await server.stop();
  }
  const row = (name: string, pick: (figures: Figures) => number[], show: (value: number) => string) => [
    name,
    ...all.map(({ figures }) => show(median(pick(figures)))),
  ];
  const [full, , bare] = all.map(({ figures }) => median(figures.oneMs));
  return {
    ratios: [
      {
        name: "one insert with the outbox triggers against without",
        value: (full ?? NaN) / (bare ?? NaN),
        max: 5,
      },
    ],
    title: "What saving a lead costs, with and without the outbox triggers",
    head: ["", ...all.map(({ name }) => name)],
    rows: [
      row("one insert, 1 client, ms (median)", ({ oneMs }) => oneMs, ms),
      row(`inserts per second, ${CLIENTS} clients`, ({ perSecond }) => perSecond, whole),
      row(`one insert of ${whole(BULK_ROWS)} rows, ms`, ({ bulkMs }) => bulkMs, ms),
    ],
    remarks: [
      `The outbox costs a single insert ${ms((full ?? 0) - (bare ?? 0))} ms: a row, its indexes, and the doorbell, which asks whether a drain is called or at work, and only else reads Vault.`,
      "Single-row inserts into unified_lead_tracking as the owner, each its own transaction. Without: the table's checks and its normalising stay, only the two outbox triggers are off.",
    ],
  };
}

async function prepare(owner: postgres.Sql, { hasTriggers, isDraining }: Variant): Promise<void> {
  for (const trigger of TRIGGERS) {
    await owner.unsafe(
      `alter table public.unified_lead_tracking ${hasTriggers ? "enable" : "disable"} trigger ${trigger}`,
    );
  }
  await owner`truncate public.unified_lead_tracking, amocrm.outbox, net.http_request_queue cascade`;
  await owner`update amocrm.queue_control set
    drain_token = case when ${isDraining} then gen_random_uuid() end,
    drain_expires_at = case when ${isDraining} then 'infinity'::timestamptz end where queue = 'amocrm'`;
}

async function measure(figures: Figures, clients: readonly postgres.Sql[], count: number): Promise<void> {
  const [first] = clients;
  if (first === undefined) return;
  const insert = (sql: postgres.Sql): Promise<unknown> =>
    sql`insert into public.unified_lead_tracking (full_name, email, phone, source)
      values ('Ada', ${`${randomBytes(6).toString("hex")}@bench.example`}, '+79001234567', 'bench')`;
  for (let n = 0; n < 50; n++) await insert(first);
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
  for (let n = 0; n < BULK_INSERTS; n++) {
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
