import path from "node:path";
import postgres from "postgres";
import { migrate } from "../dev/stack/migrate.ts";
import { startPostgres } from "../dev/stack/postgres.ts";
import { median, percentile } from "./percentile.ts";

const CLAIM_SIZE = 10;
const CLAIMS_PER_RUN = 200;
const RUNS = 3;
const TOKEN = "00000000-0000-4000-8000-000000000001";

interface Scenario {
  name: string;
  fill(sql: postgres.Sql): Promise<void>;
}

const scenarios: Scenario[] = [
  { name: "1 thousand pending, each of another person", fill: (sql) => fillPeople(sql, 1_000) },
  { name: "100 thousand pending", fill: (sql) => fillPeople(sql, 100_000) },
  { name: "1 million pending", fill: (sql) => fillPeople(sql, 1_000_000) },
  {
    name: "10 thousand pending behind 100 thousand of one stuck person",
    async fill(sql) {
      await fillStuckPerson(sql, 100_000);
      await fillPeople(sql, 10_000);
    },
  },
];

/** Claim of 10: median and 99th percentile of 200 claims, three runs each, as the function amocrm.claim takes them. */
export async function benchClaim(print: (line: string) => void): Promise<void> {
  const server = await startPostgres({ major: 17 });
  try {
    await migrate(server.url(), path.join(import.meta.dirname, "../supabase/migrations"));
    print("\nClaim of 10 messages, milliseconds (median of 3 runs of 200 claims; 99th percentile of all)");
    const medians: number[] = [];
    for (const scenario of scenarios) {
      const { middle, worst } = await measure(server.url(), scenario);
      medians.push(middle);
      print(`  ${scenario.name.padEnd(62)} ${middle.toFixed(2).padStart(7)} ${worst.toFixed(2).padStart(7)}`);
    }
    const [small = Number.NaN, , large = Number.NaN, stuck = Number.NaN] = medians;
    print(
      `  1 million against 1 thousand: ${(large / small).toFixed(2)}×; behind a stuck person: ${(stuck / small).toFixed(2)}×`,
    );
    await benchPlacing(server.url(), print);
  } finally {
    await server.stop();
  }
}

async function measure(url: string, scenario: Scenario): Promise<{ middle: number; worst: number }> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await empty(sql);
    await scenario.fill(sql);
    await sql`vacuum analyze public.amocrm_outbox`;
    const all: number[] = [];
    const runs: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      await sql`update amocrm.queue_control set drain_token = ${TOKEN}, drain_expires_at = clock_timestamp() + interval '1 hour' where queue = 'amocrm'`;
      const times: number[] = [];
      for (let claim = 0; claim < CLAIMS_PER_RUN; claim++) {
        const startedAt = performance.now();
        const claimed = await sql`select id from amocrm.claim('amocrm', ${TOKEN}, ${CLAIM_SIZE})`;
        times.push(performance.now() - startedAt);
        // Given back at once, so that each claim of a small backlog finds as much as the first.
        await sql`select amocrm.release('amocrm', ${TOKEN}, ${claimed.map((row) => row["id"] as string)}::bigint[])`;
        if (claimed.length !== CLAIM_SIZE)
          throw new Error(`${scenario.name}: claimed ${claimed.length} of ${CLAIM_SIZE}`);
      }
      runs.push(median(times));
      all.push(...times);
    }
    return { middle: median(runs), worst: percentile(all, 0.99) };
  } finally {
    await sql.end();
  }
}

async function benchPlacing(url: string, print: (line: string) => void): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await empty(sql);
    await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key)
      select 'amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), 'p' || n || '@bench.example', '+7' || (9000000000 + n)
      from generate_series(1, 20000) as n`;
    await sql`analyze public.amocrm_outbox`;
    const times: number[] = [];
    for (let round = 0; round < 200; round++) {
      const startedAt = performance.now();
      await sql`select amocrm.place('amocrm', 100)`;
      times.push((performance.now() - startedAt) / 100);
    }
    print(`  placing a fresh message with its person (done once for each): ${median(times).toFixed(3)} ms`);
  } finally {
    await sql.end();
  }
}

async function empty(sql: postgres.Sql): Promise<void> {
  await sql`truncate public.amocrm_outbox, amocrm.person_keys, amocrm.people, amocrm.duplicates`;
}

async function fillPeople(sql: postgres.Sql, count: number): Promise<void> {
  await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, person_id, is_fresh, is_head)
    select 'amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), 10 + n, false, true
    from generate_series(1, ${count}::int) as n`;
}

/** One person whose first message is uncertain and not due, with a backlog behind it. */
async function fillStuckPerson(sql: postgres.Sql, count: number): Promise<void> {
  await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, person_id, is_fresh, is_head, state, step, sent_at, next_attempt_at)
    values ('amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), 1, false, true, 'uncertain', 'create_deal', clock_timestamp(), clock_timestamp() + interval '1 hour')`;
  await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, person_id, is_fresh)
    select 'amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), 1, false from generate_series(1, ${count}::int)`;
}
