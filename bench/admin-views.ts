import type postgres from "postgres";
import { connect, startBenchServer } from "./bench-server.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median, percentile } from "./percentile.ts";

export const PENDING_COUNT = 100_000;
const LEAD_COUNT = 200_000;
export const DEAD_COUNT = 5_000;
export const ERROR_GROUPS = 12;
const RUNS = 30;

/** What an admin or a monitor asks again and again, and the limit that we set ourselves. */
const QUESTIONS: readonly { name: string; statement: string; limitMs: number | null }[] = [
  { name: "amocrm_health", statement: "select * from amocrm_health", limitMs: 10 },
  { name: "amocrm_outbox_status", statement: "select * from amocrm_outbox_status", limitMs: 10 },
  { name: "amocrm_blocked_people", statement: "select * from amocrm_blocked_people", limitMs: null },
  { name: "amocrm_dead_letters", statement: "select * from amocrm_dead_letters", limitMs: null },
  { name: "amocrm_actions", statement: "select * from amocrm_actions", limitMs: null },
  {
    name: "amocrm_timeline of one person",
    statement: "select * from amocrm_timeline where person_id = 777 order by at",
    limitMs: null,
  },
  {
    name: "amocrm_timeline of one deal",
    statement: "select * from amocrm_timeline where amocrm_deal_id = 777 order by at",
    limitMs: null,
  },
  {
    name: "amocrm_timeline_of by e-mail",
    statement: "select * from amocrm_timeline_of(p_email => 'p777@bench.example')",
    limitMs: null,
  },
  { name: "amocrm_throughput", statement: "select * from amocrm_throughput", limitMs: null },
  { name: "amocrm_reconciliation", statement: "select * from amocrm_reconciliation", limitMs: null },
];

/** What the admin's views cost over five million delivered messages and a backlog of a hundred thousand. */
export async function benchAdminViews({ isQuick, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const deliveredCount = isQuick ? 300_000 : 5_000_000;
  const sql = connect(server.oursUrl);
  try {
    say(`admin views: filling ${whole(deliveredCount)} delivered and ${whole(PENDING_COUNT)} pending`);
    await fillMonth(sql, deliveredCount);
    const rows: string[][] = [];
    for (const { name, statement, limitMs } of QUESTIONS) {
      const taken: number[] = [];
      // The views that read all leads are measured less often; a first run warms the session's plans.
      for (let run = 0; run <= (limitMs === null ? RUNS / 5 : RUNS); run++) {
        const startedAt = performance.now();
        await sql.unsafe(statement);
        if (run > 0) taken.push(performance.now() - startedAt);
      }
      rows.push([
        name,
        ms(median(taken)),
        ms(percentile(taken, 0.95)),
        limitMs === null ? "" : String(limitMs),
      ]);
    }
    return {
      title: `The admin's views over ${whole(deliveredCount)} delivered and ${whole(PENDING_COUNT)} pending messages`,
      head: ["ms", "median", "95th percentile", "limit"],
      rows,
      remarks: [
        `Delivered evenly over 30 days, so amocrm_throughput reads ${whole(deliveredCount / 15)} of the last 48 hours; ${whole(LEAD_COUNT)} leads for amocrm_reconciliation, which reads them all.`,
        `${whole(DEAD_COUNT)} messages are dead in ${ERROR_GROUPS} groups of errors.`,
        "The round trip is included. Nobody else has such views, so there is no peer.",
      ],
    };
  } finally {
    await sql.end();
    await server.stop();
  }
}

/** An account at work for a month, filled by sets. */
export async function fillMonth(sql: postgres.Sql, deliveredCount: number): Promise<void> {
  await sql.unsafe(`
    update amocrm.installation set installed_at = now() - interval '40 days';
    alter table public.unified_lead_tracking disable trigger user;
    insert into amocrm.people select from generate_series(1, ${LEAD_COUNT});
    insert into amocrm.person_keys select 'email', 'p' || n || '@bench.example', n from generate_series(1, ${LEAD_COUNT}) as n;
    insert into public.unified_lead_tracking (id, created_at, email, amocrm_contact_id, amocrm_deal_id, amocrm_synced_at)
    select md5(n::text)::uuid, now() - n * interval '1 minute', 'p' || n || '@bench.example', n, n, now() from generate_series(1, ${LEAD_COUNT}) as n;
    insert into amocrm.links (subject_table, subject_id, object, amocrm_id)
    select 'unified_lead_tracking', md5(n::text)::uuid, 'deal', n from generate_series(1, ${LEAD_COUNT}) as n;
    insert into public.amocrm_deals (amocrm_deal_id, created_at, updated_at) select n, now(), now() from generate_series(1, ${LEAD_COUNT}) as n;
    insert into amocrm.outbox (queue, kind, person_id, subject_table, subject_id, is_fresh, state, created_at, delivered_at)
    select 'amocrm', 'lead.created', n % ${LEAD_COUNT} + 1, 'unified_lead_tracking', md5((n % ${LEAD_COUNT})::text)::uuid, false, 'delivered',
      now() - (${deliveredCount} - n) * interval '30 days' / ${deliveredCount},
      now() - (${deliveredCount} - n) * interval '30 days' / ${deliveredCount} + interval '7 seconds'
    from generate_series(1, ${deliveredCount}) as n;
    insert into amocrm.outbox (queue, kind, person_id, subject_table, subject_id, is_fresh, is_head, lane, last_error_code, next_attempt_at)
    select 'amocrm', case when n % 3 = 0 then 'lead.updated' else 'lead.created' end, case when n % 10 > 0 then ${LEAD_COUNT} + n end,
      'unified_lead_tracking', gen_random_uuid(), n % 10 = 0, n % 10 > 0, case when n % 2 = 0 then 'backfill' else 'live' end,
      case when n % 100 = 1 then 'server_error' when n % 1000 = 2 then 'timeout' end, now() + n % 600 * interval '1 second'
    from generate_series(1, ${PENDING_COUNT}) as n;
    insert into amocrm.outbox (queue, kind, person_id, subject_table, subject_id, is_fresh, state, last_error_code, last_error_message)
    select 'amocrm', 'lead.created', 900000 + n, 'unified_lead_tracking', gen_random_uuid(), false, 'dead', 'validation_failed',
      'field ' || n || ' is ' || chr(97 + n % ${ERROR_GROUPS})
    from generate_series(1, ${DEAD_COUNT}) as n;
    insert into amocrm.requests (at, function_name, method, path, http_status, verdict, duration_ms, waited_ms, item_count)
    select now() - n * interval '2 seconds', 'amocrm-drain', 'POST', '/api/v4/leads/complex', 200, 'delivered', 400, 1500, 50
    from generate_series(1, 86400) as n;
    insert into amocrm.attempts (queue, message_id, kind, started_at, ended_at, state)
    select 'amocrm', n, 'lead.created', now() - n * interval '1 second', now() - n * interval '1 second', 'delivered' from generate_series(1, 100000) as n;
  `);
  await sql`vacuum analyze`;
}
