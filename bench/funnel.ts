import type postgres from "postgres";
import { connect, startBenchServer } from "./bench-server.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median, percentile } from "./percentile.ts";

const RUNS = 20;
/** What we set ourselves. */
const LIMIT_MS = 50;
/** A minute in which as many people changed as in a busy one. */
const CHANGED_COUNT = 100;
/** So many of those that were filled in are counted anew by the product: nothing may change by that. */
const RECOUNTED = 2_000;

/** What `landing_funnel` costs who looks, and what the job behind it costs each minute. */
export async function benchFunnel({ isQuick, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const leadCount = isQuick ? 20_000 : 1_000_000;
  const sql = connect(server.oursUrl);
  try {
    say(`funnel: filling in ${whole(leadCount)} leads`);
    await fill(sql, leadCount);
    const foldMs = await recount(sql);
    say("funnel: looking");
    const bySource =
      "select source, sum(leads) as leads, sum(deals_won) as won, sum(revenue) as revenue from landing_funnel group by source";
    const month = "select * from landing_funnel where day >= current_date - 30";
    const year = "select * from landing_funnel";
    const rowCount = (await sql.unsafe(year)).length;
    const summed = await timed(RUNS, () => sql.unsafe(bySource));
    const days = await timed(RUNS, () => sql.unsafe(month));
    const inDatabase = await answered(sql, year);
    const looked = await timed(RUNS, () => sql.unsafe(year));
    const minute = await timed(5, async () => {
      await sql`update amocrm.funnel_progress set changes_until = now() + interval '1 hour'`;
      await markSome(sql, CHANGED_COUNT);
      await sql`select amocrm.fold_funnel()`;
    });
    const row = (name: string, taken: number[], limit: string) => [
      name,
      ms(median(taken)),
      ms(percentile(taken, 0.95)),
      limit,
    ];
    return {
      title: `The funnel over ${whole(leadCount)} leads`,
      head: ["ms", "median", "95th percentile", "limit"],
      rows: [
        row("landing_funnel of a year, summed by source", summed, String(LIMIT_MS)),
        row("landing_funnel of 30 days", days, String(LIMIT_MS)),
        row(
          `landing_funnel of a year, ${whole(rowCount)} rows, in the database`,
          inDatabase,
          String(LIMIT_MS),
        ),
        row("the same until Node has made objects of the rows", looked, ""),
        row(`a minute's job with ${CHANGED_COUNT} people changed`, minute, ""),
      ],
      remarks: [
        `A year of days, twelve sources with a campaign each. Counting anew took ${ms(foldMs / RECOUNTED)} ms a person, and changed nothing of what was filled in.`,
        "In the database: until the answer is written out as text. The other times include the round trip and the client's work.",
      ],
    };
  } finally {
    await sql.end();
    await server.stop();
  }
}

async function timed(runs: number, work: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  // The first run warms the session's plans.
  for (let run = 0; run <= runs; run++) {
    const startedAt = performance.now();
    await work();
    if (run > 0) taken.push(performance.now() - startedAt);
  }
  return taken;
}

/** How long Postgres takes for a query up to the last byte of its answer. */
async function answered(sql: postgres.Sql, query: string): Promise<number[]> {
  const taken: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const [row] = await sql.unsafe<
      { "QUERY PLAN": { "Execution Time": number; "Planning Time": number }[] }[]
    >(`explain (analyze, timing off, serialize text, format json) ${query}`);
    const [plan] = row?.["QUERY PLAN"] ?? [];
    if (plan === undefined) throw new Error("Postgres showed no plan");
    if (run > 0) taken.push(plan["Execution Time"] + plan["Planning Time"]);
  }
  return taken;
}

/** All that the funnel reads, and what its job would have made of it: folding a million would take most of an hour. */
async function fill(sql: postgres.Sql, leadCount: number): Promise<void> {
  // At noon of UTC: no zone moves a lead to another day.
  await sql.unsafe(`
    set session_replication_role = replica;
    insert into public.unified_lead_tracking (id, created_at, email, source, utm_campaign, amocrm_synced_at)
    select md5(n::text)::uuid, date_trunc('day', now(), 'UTC') - n % 365 * interval '1 day' - interval '12 hours', 'p' || n || '@bench.example',
      'source' || n % 12, 'spring' || n % 12, now()
    from generate_series(1, ${leadCount}) as n;
    insert into amocrm.linked_rows (subject_id, deal_id) select md5(n::text)::uuid, n from generate_series(1, ${leadCount}) as n;
    insert into public.amocrm_deals (amocrm_deal_id, status_id, price) select n, case n % 5 when 0 then 142 when 1 then 143 else 5 end, 1000
    from generate_series(1, ${leadCount}) as n;
    set session_replication_role = origin;
    create temporary table counted as
    select amocrm.funnel_key(lead.email, null, null) as person_key, (lead.created_at at time zone message_settings.time_zone)::date as day,
      lead.source, lead.utm_campaign as campaign, deals.status_id, case deals.status_id when 142 then deals.price else 0 end as revenue
    from public.amocrm_deals as deals join public.unified_lead_tracking as lead on lead.id = md5(deals.amocrm_deal_id::text)::uuid
      cross join public.message_settings;
    insert into amocrm.funnel_buckets (day, source, campaign, leads, people, delivered_to_crm, deals_open, deals_won, deals_lost, revenue)
    select day, source, campaign, count(*), count(*), count(*), count(*) filter (where status_id = 5), count(*) filter (where status_id = 142),
      count(*) filter (where status_id = 143), sum(revenue)
    from counted group by day, source, campaign;
    insert into amocrm.funnel_people (person_key, bucket_id, counts)
    select person_key, bucket_id, case status_id when 142 then '1,1,,,1,' || counted.revenue when 143 then '1,1,,1' else '1,1,1' end
    from counted join amocrm.funnel_buckets using (day, source, campaign);
    drop table counted;
    update amocrm.funnel_progress set leads_until = now();
  `);
  await sql`vacuum analyze`;
}

const markSome = (sql: postgres.Sql, count: number) =>
  sql`insert into amocrm.funnel_dirty (person_key) select person_key from amocrm.funnel_people order by person_key limit ${count}`;

/** Lets the product count some of the people itself, and fails if anything was filled in otherwise than it would have been. */
async function recount(sql: postgres.Sql): Promise<number> {
  const sums = () =>
    sql`select md5(string_agg(funnel::text, '' order by day, source)) as sums from landing_funnel as funnel`;
  const [before] = await sums();
  await markSome(sql, RECOUNTED);
  const startedAt = performance.now();
  await sql`select amocrm.fold_people(${RECOUNTED})`;
  const foldMs = performance.now() - startedAt;
  const [after] = await sums();
  if (before?.["sums"] !== after?.["sums"])
    throw new Error("the funnel was filled in with other sums than the product counts");
  await sql`vacuum analyze`;
  return foldMs;
}
