import { expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();

/** What is due by the rule as it is written down, read from the whole table: the function goes by an index, in steps. */
async function byTheRule(limit: number, lanes: string[], without: string[]): Promise<string[]> {
  const rows = await sql<
    { id: string; goes_alone: boolean }[]
  >`select outbox.id, outbox.goes_alone from amocrm.outbox
    where queue = 'amocrm' and is_head and state in ('pending', 'uncertain') and next_attempt_at <= now()
      and lane = any (${lanes}) and id <> all (${without}::bigint[])
    order by case lane when 'live' then 1 else 2 end, priority, next_attempt_at, id limit ${limit}`;
  const [first] = rows;
  return (first?.goes_alone ? [first] : rows.filter((row) => !row.goes_alone)).map(({ id }) => id);
}

test.each([
  [0.3, 12],
  [0.02, 12],
  [0, 12],
  [0.02, 20],
  [0, 20],
])(
  "with a share of %s that go alone and %i of 20 due, a claim takes what the rule says, in its order",
  async (alone, dueCount) => {
    await sql`truncate amocrm.outbox`;
    await sql`select setseed(0.5)`;
    await sql`insert into amocrm.outbox (queue, kind, person_id, subject_table, subject_id, is_fresh, is_head, lane, priority, goes_alone, next_attempt_at)
    select 'amocrm', 'lead.created', n, 'unified_lead_tracking', gen_random_uuid(), false, n % 7 <> 0,
      case when random() < 0.4 then 'live' else 'backfill' end, (array[0, 3, 4, 5, 9])[1 + floor(random() * 5)::int], random() < ${alone},
      now() + (floor(random() * 20) - ${dueCount}) * interval '1 minute'
    from generate_series(1, 400) as n`;
    for (const limit of [1, 2, 5, 10, 50, 250, 500]) {
      for (const lanes of [["live"], ["backfill"], ["live", "backfill"], []]) {
        const due = await byTheRule(limit, lanes, []);
        for (const without of [[], due.slice(0, 3)]) {
          const [row] =
            await sql`select amocrm.due_ids('amocrm', ${limit}, now(), ${lanes}, ${without}::bigint[]) as ids`;
          expect({ limit, lanes, ids: row?.["ids"] }).toEqual({
            limit,
            lanes,
            ids: await byTheRule(limit, lanes, without),
          });
        }
      }
    }
  },
);
