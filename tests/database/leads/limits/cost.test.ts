import { expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";

const database = await useDatabase();
const { sql } = database;

test("a session that began with empty tables reads none of them from end to end when a flood has filled them", async () => {
  await sql`update amocrm_form_limits set total_count = 20, flood_count = 40`;
  const session = database.connect({ user: "authenticator" });
  await session`begin`;
  await session`set local role anon`;
  for (let n = 0; n < 300; n++) {
    const headers = JSON.stringify({ "cf-connecting-ip": `198.51.${n >> 8}.${n & 255}` });
    await session`select set_config('request.headers', ${headers}, true)`;
    await session`insert into public.landing_leads (email) values (${`flood${n}@example.com`})`;
  }
  const read =
    await session`select relname, seq_tup_read::int as count from pg_catalog.pg_stat_xact_user_tables
    where relname in ('landing_leads', 'arrivals', 'quarantined_leads', 'card_keys', 'known_keys') order by relname`;
  await session`commit`;
  expect(read.map(({ relname, count }) => [relname, count])).toEqual([
    ["arrivals", 0],
    ["card_keys", 0],
    ["known_keys", 0],
    ["landing_leads", 0],
    ["quarantined_leads", 0],
  ]);
  expect(await sql`select count(*)::int as count from amocrm.quarantined_leads`).toEqual([{ count: 260 }]);
});
