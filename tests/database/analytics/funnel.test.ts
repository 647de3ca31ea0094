import { beforeEach, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertFollowedLead, writeSequence } from "../support/followups.ts";
import { openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
beforeEach(() => setTestClock(NOON, sql));

const funnel = async () => {
  await sql`select amocrm.fold_funnel()`;
  return sql`select day::text, source, campaign, leads, people, deals_open, deals_won, deals_lost, revenue, median_minutes_to_first_move as median
    from landing_funnel order by day, source`;
};
const deal = (lead: string, id: number, status: number, price: number, movedAt: Date) =>
  sql.begin(async (part) => {
    await part`insert into amocrm.links (subject_table, subject_id, object, amocrm_id, created_at) values ('unified_lead_tracking', ${lead}, 'deal', ${id}, amocrm.clock()) on conflict do nothing`;
    await part`insert into amocrm_deals (amocrm_deal_id, status_id, price) values (${id}, ${status}, ${price}) on conflict (amocrm_deal_id) do update set status_id = ${status}`;
    await part`insert into amocrm_deal_events (amocrm_deal_id, lead_id, event, is_ours, occurred_at) values (${id}, ${lead}, 'stage_changed', false, ${movedAt})`;
  });

test("books everything on the day, source and campaign of the person's first lead, and a deal once", async () => {
  const first = await insertFollowedLead(sql, { source: "landing" });
  await setTestClock(noonPlus(DAY_MS), sql);
  const second = await insertFollowedLead(sql, { source: "instagram" });
  const other = await insertFollowedLead(sql, { email: "other@example.kz", source: "instagram" });
  expect(await funnel()).toMatchObject([
    { day: "2031-05-05", source: "landing", leads: 2, people: 1, deals_open: 0 },
    { day: "2031-05-06", source: "instagram", leads: 1, people: 1, deals_open: 0 },
  ]);
  // Both of the person's leads got one deal; the other's was lost at once.
  await deal(first, 70, 5, 1000, noonPlus(10 * MINUTE_MS));
  await deal(second, 70, 5, 1000, noonPlus(10 * MINUTE_MS));
  await deal(other, 71, 143, 500, noonPlus(DAY_MS + 60 * MINUTE_MS));
  expect(await funnel()).toMatchObject([
    { deals_open: 1, deals_won: 0, revenue: 0, median: "9.4" },
    { deals_open: 0, deals_lost: 1, revenue: 0, median: "57.7" },
  ]);
  await deal(first, 70, 142, 1000, noonPlus(10 * MINUTE_MS));
  const after = await funnel();
  expect(after).toMatchObject([{ deals_open: 0, deals_won: 1, revenue: 1000 }, { deals_lost: 1 }]);
  // Folding again changes nothing, however often, and writes no row again.
  const written = () => sql`select ctid::text, xmin::text from amocrm.funnel_people order by person_key`;
  const rows = await written();
  await sql`insert into amocrm.funnel_dirty (person_key) select person_key from amocrm.funnel_people`;
  expect(await funnel()).toEqual(after);
  expect(await written()).toEqual(rows);
});

test("takes up history in parts, leaves out quarantine, and forgets people but not sums", async () => {
  for (const index of [1, 2, 3])
    await insertFollowedLead(sql, { email: `old${index}@example.kz`, createdAt: noonPlus(-30 * DAY_MS) });
  const held = await insertFollowedLead(sql, { email: "held@example.kz" });
  await sql`insert into amocrm.quarantined_leads (lead_id, reason) values (${held}, 'flood')`;
  expect(await funnel()).toMatchObject([{ day: "2031-04-05", leads: 3, people: 3 }]);
  await sql`select amocrm_forget('old1@example.kz', null)`;
  expect(await sql`select from amocrm.funnel_people`).toHaveLength(2);
  expect(await funnel()).toMatchObject([{ people: 3 }]);
});

test("followup_results have what came of each step", async () => {
  await configureVault(database.connect({ user: "supabase_admin" }));
  const office = await openMailOffice(database);
  await writeSequence(sql, [{ step: "first" }, { step: "second", delay_minutes: 1440 }]);
  await insertFollowedLead(sql);
  await insertFollowedLead(sql, { email: "silent@example.kz", hasConsent: false });
  await office.pass(5 * MINUTE_MS, MINUTE_MS);
  await setTestClock(new Date(office.nowMs()), sql);
  await sql`select amocrm.fold_followups()`;
  expect(await sql`select step, entered, sent, waiting, skipped from followup_results order by step`).toEqual(
    [
      { step: "first", entered: 2, sent: 1, waiting: 0, skipped: 1 },
      { step: "second", entered: 2, sent: 0, waiting: 2, skipped: 0 },
    ],
  );
});
