import type postgres from "postgres";
import { DEAD_COUNT, ERROR_GROUPS, fillMonth, PENDING_COUNT } from "./admin-views.ts";
import { connect, startBenchServer } from "./bench-server.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median, percentile } from "./percentile.ts";

const RUNS = 20;
/** What we set ourselves for each screen. */
const LIMIT_MS = 100;

const list = (filter: object): string => `select amocrm_messages('${JSON.stringify(filter)}', null, 200)`;
const count = (filter: object): string => `select amocrm_message_count('${JSON.stringify(filter)}')`;

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** What each screen of the dashboard asks. */
function questions(group: string, lead: string): readonly (readonly [name: string, statement: string])[] {
  return [
    ["the first screen", "select amocrm_dashboard()"],
    ["the first screen in Russian", "select amocrm_dashboard('ru')"],
    ["messages: what is not over", list({})],
    ["messages: dead", list({ states: ["dead"] })],
    ["messages: of a group of errors", list({ error_group: group })],
    ["messages: delivered", list({ states: ["delivered"] })],
    ["messages: pending of a kind", list({ states: ["pending"], kind: "lead.updated" })],
    ["messages: delivered of a source", list({ states: ["delivered"], source: "source3" })],
    ["messages: delivered of a source that nobody has", list({ states: ["delivered"], source: "nobody" })],
    ["messages: pending of a source", list({ states: ["pending"], source: "source3" })],
    ["messages: delivered since an hour", list({ states: ["delivered"], since: hoursAgo(1) })],
    ["messages: pending with 3 tries and more", list({ states: ["pending"], attempts_min: 3 })],
    ["messages: by e-mail", list({ email: "p777@bench.example" })],
    ["messages: by deal", list({ deal_id: 777 })],
    ["messages: a page far below", 'select amocrm_messages(\'{"states": ["delivered"]}\', 500000, 200)'],
    ["number: what is not over", count({})],
    ["number: of a group of errors", count({ error_group: group })],
    ["number: delivered", count({ states: ["delivered"] })],
    ["number: delivered of a source", count({ states: ["delivered"], source: "source3" })],
    ["number: pending with 3 tries and more", count({ states: ["pending"], attempts_min: 3 })],
    ["number: delivered since a day", count({ states: ["delivered"], since: hoursAgo(24) })],
    ["number: by e-mail", count({ email: "p777@bench.example" })],
    ["one message", "select amocrm_message(777)"],
    ["a person", 'select amocrm_person(\'{"email": "p777@bench.example"}\')'],
    ["a person by row", `select amocrm_person('{"subject_id": "${lead}"}')`],
    ["pace and health", "select amocrm_pace()"],
    ["duplicates", "select * from amocrm_duplicates limit 200"],
    ["quarantine", "select * from amocrm_quarantine limit 200"],
    ["forms that fit no lead", "select * from amocrm_unmapped_forms limit 200"],
    ["held messages", "select * from amocrm_held_tells limit 200"],
    ["bulk actions", "select * from amocrm_bulk_jobs"],
    ["settings", "select amocrm_settings_now()"],
    [
      "the funnel of 30 days",
      "select landing_funnel_sums(current_date - 29, current_date), landing_funnel_sums(current_date - 59, current_date - 30)",
    ],
    ["bulk: preview of all dead", `select amocrm_bulk_preview('requeue', '{"states": ["dead"]}')`],
  ];
}

/** What each screen costs over a million messages. */
export async function benchDashboard({ isQuick, say }: BenchOptions): Promise<Report> {
  const server = await startBenchServer();
  const deliveredCount = isQuick ? 50_000 : 1_000_000;
  const sql = connect(server.oursUrl);
  try {
    say(`dashboard: filling ${whole(deliveredCount)} delivered and ${whole(PENDING_COUNT)} pending`);
    await fillMonth(sql, deliveredCount);
    await fillScreens(sql);
    const [first] =
      await sql`select amocrm_dashboard() -> 'errors' -> 0 ->> 'error_group' as group, md5('777')::uuid as lead`;
    const rows: string[][] = [];
    for (const [name, statement] of questions(String(first?.["group"]), String(first?.["lead"]))) {
      const taken: number[] = [];
      // The first run warms the session's plans.
      for (let run = 0; run <= RUNS; run++) {
        const startedAt = performance.now();
        await sql.unsafe(statement);
        if (run > 0) taken.push(performance.now() - startedAt);
      }
      say(`dashboard: ${name} ${ms(median(taken))} ms`);
      rows.push([name, ms(median(taken)), ms(percentile(taken, 0.95)), String(LIMIT_MS)]);
    }
    return {
      title: `The dashboard's screens over ${whole(deliveredCount)} delivered and ${whole(PENDING_COUNT)} pending messages`,
      head: ["ms", "median", "95th percentile", "limit"],
      rows,
      remarks: [
        `${whole(DEAD_COUNT)} messages are dead in ${ERROR_GROUPS} groups of errors; lists have 200 rows, the page asks for 50.`,
        "The round trip is included.",
      ],
    };
  } finally {
    await sql.end();
    await server.stop();
  }
}

/** Sources, pairs, quarantine and two months of the funnel. */
async function fillScreens(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    update public.unified_lead_tracking set source = 'source' || amocrm_deal_id % 12 where amocrm_deal_id is not null;
    insert into amocrm.duplicates (type, kept_id, other_id, reason) select 'contact', n, n + 1000000, 'same phone' from generate_series(1, 2000) as n;
    insert into amocrm.quarantined_leads (lead_id, reason) select md5(n::text)::uuid, 'flood' from generate_series(1, 5000) as n;
    insert into amocrm.funnel_buckets (day, source, campaign, leads, people) select current_date - n, 'source' || s, 'spring' || c, 10, 9
    from generate_series(0, 59) as n cross join generate_series(1, 12) as s cross join generate_series(1, 10) as c;
    insert into amocrm.funnel_move_buckets (day, source, campaign, bucket, count)
    select day, source, campaign, b, 1 from amocrm.funnel_buckets cross join generate_series(20, 25) as b;
  `);
  await sql`vacuum analyze`;
}
