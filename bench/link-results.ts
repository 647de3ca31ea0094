import type postgres from "postgres";
import { connect, startBenchServer } from "./bench-server.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median, percentile } from "./percentile.ts";

const RUNS = 20;
/** What we set ourselves. */
const LIMIT_MS = 100;
/** So many clicks a link; each fifth of them a person's. */
const CLICKS_A_LINK = 5;
const BATCH = 50_000;

/** What `link_results` costs who looks, what the job behind it costs, and that its sums are those of all clicks. */
export async function benchLinkResults({ isQuick, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const clickCount = isQuick ? 20_000 : 1_000_000;
  const sql = connect(server.oursUrl);
  try {
    say(`links: filling in ${whole(clickCount)} clicks`);
    await fill(sql, clickCount);
    say("links: folding");
    const changeCount = clickCount + clickCount / CLICKS_A_LINK;
    const folds: number[] = [];
    for (let left = changeCount; left > 0; left -= BATCH) {
      const startedAt = performance.now();
      await sql`select amocrm.fold_links(${BATCH})`;
      folds.push(performance.now() - startedAt);
    }
    await sql`vacuum analyze`;
    const heapMs = await compare(sql);
    const looked = await timed(RUNS, () => sql`select * from link_results`);
    const rowCount = (await sql`select * from link_results`).length;
    const minute = await timed(5, async () => {
      await sql`select amocrm.fold_links(${BATCH})`;
    });
    const row = (name: string, taken: number[], limit: string) => [
      name,
      ms(median(taken)),
      ms(percentile(taken, 0.95)),
      limit,
    ];
    return {
      title: `What came of links, over ${whole(clickCount)} clicks`,
      head: ["ms", "median", "95th percentile", "limit"],
      rows: [
        row(`link_results, ${whole(rowCount)} rows`, looked, String(LIMIT_MS)),
        row(`folding ${whole(BATCH)} links and clicks`, folds, ""),
        row("a minute's job with nothing new", minute, ""),
      ],
      remarks: [
        `A year of days, twelve targets. The same counted from all clicks took ${ms(heapMs)} ms and found the same people and machines.`,
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

/** Links and clicks as they are made, with all triggers. */
async function fill(sql: postgres.Sql, clickCount: number): Promise<void> {
  const linkCount = clickCount / CLICKS_A_LINK;
  await sql`insert into short_links (code, target_url, target_name, channel, created_at)
    select 'c' || n, 'https://school.example/', 'target' || n % 12, case n % 2 when 0 then 'mail' else 'sms' end, now() - n % 365 * interval '1 day'
    from generate_series(1, ${linkCount}::int) as n`;
  await sql`insert into link_clicks (code, verdict, clicked_at)
    select 'c' || 1 + n % ${linkCount}::int, (array['human', 'scanner', 'preview', 'prefetch', 'unknown'])[1 + n / ${linkCount}::int % 5], now()
    from generate_series(0, ${clickCount - 1}::int) as n`;
  await sql`vacuum analyze`;
}

/** Counts from the heap, and fails if the sums are others. */
async function compare(sql: postgres.Sql): Promise<number> {
  const startedAt = performance.now();
  const [heap] =
    await sql`select count(*) filter (where verdict = 'human')::text as human, count(*) filter (where verdict <> 'human')::text as machines,
      count(distinct code) filter (where verdict = 'human')::text as opened from link_clicks join short_links using (code)`;
  const heapMs = performance.now() - startedAt;
  const [sums] =
    await sql`select sum(human_clicks)::text as human, sum(previews + scanners + prefetches + unknown_clicks)::text as machines,
      sum(links_opened)::text as opened from link_results`;
  if (JSON.stringify(heap) !== JSON.stringify(sums))
    throw new Error("link_results has other sums than a count of all clicks");
  return heapMs;
}
