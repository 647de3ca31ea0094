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

/** What `landing_funnel` costs who looks, and what the job behind it costs each minute. */
export async function benchFunnel({ isQuick, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const leadCount = isQuick ? 20_000 : 1_000_000;
  const sql = connect(server.oursUrl);
  try {
    say(`funnel: folding ${whole(leadCount)} leads`);
    const foldMs = await fill(sql, leadCount);
    const looked = await timed(RUNS, () => sql`select * from landing_funnel`);
    const day = await timed(RUNS, () => sql`select * from landing_funnel where day >= current_date - 30`);
    const minute = await timed(5, async () => {
      await sql`update amocrm.funnel_progress set changes_until = now() + interval '1 hour'`;
      await sql`insert into amocrm.funnel_dirty (person_key) select person_key from amocrm.funnel_people limit ${CHANGED_COUNT}`;
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
        row("landing_funnel", looked, String(LIMIT_MS)),
        row("landing_funnel of 30 days", day, String(LIMIT_MS)),
        row(`a minute's job with ${CHANGED_COUNT} people changed`, minute, ""),
      ],
      remarks: [
        `A year of days, twelve sources with a campaign each. Folding all of it from nothing took ${ms(foldMs / leadCount)} ms a lead.`,
        "The round trip is included.",
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

async function fill(sql: postgres.Sql, leadCount: number): Promise<number> {
  await sql.unsafe(`
    alter table public.unified_lead_tracking disable trigger user;
    insert into public.unified_lead_tracking (id, created_at, email, source, utm_campaign, amocrm_synced_at)
    select md5(n::text)::uuid, now() - n * interval '365 days' / ${leadCount}, 'p' || n || '@bench.example', 'source' || n % 12, 'spring' || n % 12, now()
    from generate_series(1, ${leadCount}) as n;
    insert into amocrm.links (subject_table, subject_id, object, amocrm_id)
    select 'unified_lead_tracking', md5(n::text)::uuid, 'deal', n from generate_series(1, ${leadCount}) as n;
    insert into public.amocrm_deals (amocrm_deal_id, status_id, price) select n, case n % 5 when 0 then 142 when 1 then 143 else 5 end, 1000
    from generate_series(1, ${leadCount}) as n;
  `);
  await sql`vacuum analyze`;
  const startedAt = performance.now();
  await sql`select amocrm.note_changed_people(${leadCount})`;
  for (;;) {
    const [folded] = await sql`select amocrm.fold_people(20000) as count`;
    if (folded?.["count"] === 0) break;
  }
  const foldMs = performance.now() - startedAt;
  await sql`vacuum analyze`;
  return foldMs;
}
