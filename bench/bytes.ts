import type postgres from "postgres";
import { waitFor } from "#dev/stack/wait.ts";
import { benchLeads } from "./bench-leads.ts";
import { whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { leaveTogether, loadMirror, startProduct } from "./product.ts";

/** Tables of which pruning takes the rows after a while; all others hold theirs for ever. */
const PASSING = [
  "public.amocrm_outbox",
  "amocrm.requests",
  "amocrm.attempts",
  "amocrm.own_writes",
  "amocrm.pulls",
  "amocrm.flow_counts",
  "amocrm.flow_buckets",
];
/** Tables that the next minute's job or the next pull empties: no lead leaves anything there. */
const NOTES = ["amocrm.funnel_dirty", "amocrm.missing_deals"];
const ROUNDS = 3;
/** Those in which a delivery leaves dead rows. */
const LARGE = [
  "public.amocrm_outbox",
  "public.unified_lead_tracking",
  "amocrm.contacts",
  "amocrm.people",
  "amocrm.funnel_dirty",
];

interface Size {
  name: string;
  heap: number;
  indexes: number;
}

/** Bytes on the disk for each lead, by table, after leads of new people were delivered by the whole product. */
export async function benchBytes({ isQuick, say }: BenchOptions): Promise<Report> {
  const size = isQuick ? 300 : 1000;
  const count = ROUNDS * size;
  const product = await startProduct({ contactCount: 250, minIntervalMs: 1, hasPace: false });
  try {
    await loadMirror(product);
    const leads = benchLeads(size + count, 0);
    const deliver = async (from: number): Promise<void> => {
      say(`bytes: leads ${whole(from + 1)} to ${whole(from + size)}`);
      await leaveTogether(product, leads.slice(from, from + size));
      await product.delivered();
    };
    // The first ones leave behind what the next ones use again.
    await deliver(0);
    const rush = (await outboxBytes(product.sql)) / size;
    await tidy(product.sql);
    const before = await sizesOf(product.sql);
    for (let round = 1; round <= ROUNDS; round++) {
      await deliver(round * size);
      await tidy(product.sql);
    }
    const after = await sizesOf(product.sql);
    const grown = after
      .map((size) => {
        const was = before.find(({ name }) => name === size.name);
        return {
          ...size,
          heap: (size.heap - (was?.heap ?? 0)) / count,
          indexes: (size.indexes - (was?.indexes ?? 0)) / count,
        };
      })
      .filter(({ name, heap, indexes }) => heap + indexes >= 10 && !NOTES.includes(name))
      .toSorted((a, b) => b.heap + b.indexes - a.heap - a.indexes);
    const bytes = (of: readonly Size[]): number =>
      of.reduce((sum, { heap, indexes }) => sum + heap + indexes, 0);
    const lasting = bytes(grown.filter(({ name }) => !PASSING.includes(name)));
    const row = (name: string, of: readonly Size[]): string[] => [
      name,
      whole(of.reduce((sum, { heap }) => sum + heap, 0)),
      whole(of.reduce((sum, { indexes }) => sum + indexes, 0)),
      whole(bytes(of)),
    ];
    return {
      title: "Bytes on the disk for each lead",
      head: ["", "rows", "indexes", "together"],
      rows: [
        ...grown.map((size) =>
          row(`${size.name}${PASSING.includes(size.name) ? " (until pruned)" : ""}`, [size]),
        ),
        row("everything", grown),
        row(
          "for ever",
          grown.filter(({ name }) => !PASSING.includes(name)),
        ),
      ],
      ratios: [
        { name: "kilobytes a lead, everything", value: bytes(grown) / 1000, max: 4 },
        { name: "kilobytes a lead, for ever", value: lasting / 1000, max: 2.5 },
      ],
      remarks: [
        `Leads of new people, whose addresses come in no order, left by the form and delivered by the whole product, ${whole(size)} at a time; autovacuum's work is done after each time. What ${whole(count)} of them added.`,
        `In the rush itself, before vacuum: ${whole(rush)} bytes a message in amocrm_outbox, which the next ones use again.`,
        `The 500 MB of a Free project hold ${whole(500e6 / bytes(grown))} leads with their messages, and ${whole(500e6 / lasting)} whose messages are pruned.`,
      ],
    };
  } finally {
    await product.stop();
  }
}

/** What the minute's jobs and autovacuum do, so that no figure hangs on whether they have just been: whoever is still at work
 * ends, the funnel counts its people, and no row is left that is dead. */
async function tidy(sql: postgres.Sql): Promise<void> {
  await waitFor("the drain to end", async () => {
    const [row] = await sql<{ isOver: boolean }[]>`
      select not exists (select from amocrm.queue_control where drain_expires_at > clock_timestamp()) as "isOver"`;
    return row?.isOver === true ? row : undefined;
  });
  await sql`select amocrm.fold_funnel()`;
  await waitFor("vacuum to take all dead rows", async () => {
    await sql`vacuum`;
    const [row] = await sql<{ count: number }[]>`
      select coalesce(sum(n_dead_tup), 0)::int as count from pg_stat_all_tables where relid = any (${LARGE}::regclass[])`;
    return row?.count === 0 ? row : undefined;
  });
}

async function outboxBytes(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`
    select pg_total_relation_size('public.amocrm_outbox')::float8 as bytes`;
  return row?.bytes ?? Number.NaN;
}

/** A log's days count as one table. */
async function sizesOf(sql: postgres.Sql): Promise<Size[]> {
  return await sql<Size[]>`
    select namespace.nspname || '.' || regexp_replace(class.relname, '_[0-9]{8}$', '') as name,
      sum(pg_table_size(class.oid))::float8 as heap, sum(pg_indexes_size(class.oid))::float8 as indexes
    from pg_class as class join pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.relkind = 'r' and namespace.nspname in ('public', 'amocrm') group by 1`;
}
