import { connect } from "../bench-server.ts";
import { bloatOf } from "./bloat.ts";
import type { Contestant } from "./contestant.ts";

const TOKEN = "00000000-0000-4000-8000-000000000001";

/** This project's engine. Order per person and fencing are always on; there is no faster mode without them. */
export async function openOurs(url: string): Promise<Contestant> {
  const sql = connect(url);
  const producer = connect(url);
  let claimed: string[] = [];
  let ordinal = 0;
  const takeLease = async (): Promise<void> => {
    await sql`update amocrm.queue_control set drain_token = ${TOKEN}, drain_expires_at = clock_timestamp() + interval '1 day'
      where queue = 'amocrm'`;
  };
  return {
    name: "ours",
    async empty() {
      await sql`truncate public.unified_lead_tracking, public.landing_leads, amocrm.outbox, amocrm.known_keys,
        amocrm.people, amocrm.duplicates, amocrm.linked_rows restart identity cascade`;
      await takeLease();
    },
    async fill(count) {
      await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, person_id, is_fresh, is_head)
        select 'amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), 10 + n, false, true
        from generate_series(1, ${count}::int) as n`;
    },
    async fillStuck(count) {
      // The person's first message was sent and not answered; the look-up is not due yet.
      await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, person_id, is_fresh, is_head, state, step, sent_at, next_attempt_at)
        values ('amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), 1, false, true, 'uncertain',
          'create_deal', clock_timestamp(), clock_timestamp() + interval '1 hour')`;
      await sql`insert into amocrm.outbox (queue, kind, subject_table, subject_id, person_id, is_fresh)
        select 'amocrm', 'lead.created', 'unified_lead_tracking', gen_random_uuid(), 1, false
        from generate_series(1, ${count}::int)`;
    },
    async settleDown() {
      await sql`vacuum analyze public.amocrm_outbox`;
    },
    async enqueue(count) {
      // The lead itself is stored as well: there is no way to the queue but by the row it is about.
      const from = ordinal;
      ordinal += count;
      await producer`insert into public.unified_lead_tracking (email)
        select 'p' || n || '@bench.example' from generate_series(${from + 1}::int, ${from + count}::int) as n`;
    },
    async claim(size) {
      const rows = await sql<{ id: string }[]>`select id from amocrm.claim('amocrm', ${TOKEN}, ${size})`;
      claimed.push(...rows.map(({ id }) => id));
      return rows.length;
    },
    async giveBack() {
      await sql`select amocrm.release('amocrm', ${TOKEN}, ${claimed}::bigint[])`;
      claimed = [];
    },
    async complete() {
      const results = JSON.stringify(claimed.map((id) => ({ id, verdict: "delivered" })));
      await sql`select amocrm_drain_settle(${TOKEN}, ${results}::text::jsonb)`;
      claimed = [];
    },
    bloat: () => bloatOf(sql, "public", "amocrm_outbox"),
    async close() {
      await Promise.all([sql.end(), producer.end()]);
    },
  };
}
