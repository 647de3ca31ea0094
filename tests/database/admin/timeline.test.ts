import { beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads } from "../support/leads.ts";
import { ADMIN, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const runAs = openDataApi(database);
let drainer: Drainer;
const at = (ms: number) => setTestClock(noonPlus(ms), sql, drainer.sql, superuser);
beforeEach(async () => {
  drainer = openDrainer(database);
  await at(0);
  await drainer.begin();
});

/** Ann's lead: refused, requeued by hand, delivered with a warning; then her deal changes in amoCRM, and is closed. */
async function liveThrough(): Promise<string> {
  const [id] = await insertLeads(sql, [{ email: "ann@example.com", source: "webinar", full_name: "Ann" }]);
  await insertLeads(sql, [{ email: "other@example.com" }]);
  await drainer.claim();
  await at(1000);
  await drainer.settle([
    { id: 1, verdict: "rejected", code: "validation_failed", message: "status_id: no such stage" },
  ]);
  await at(2000);
  await sql`select amocrm_requeue(1)`;
  await drainer.claim();
  await at(3000);
  await drainer.settle([
    {
      id: 1,
      verdict: "delivered",
      contact_id: 5,
      deal_id: 105,
      warnings: [{ code: "field_left_out", message: "budget" }],
    },
  ]);
  await superuser`insert into amocrm_deals (amocrm_deal_id, created_at, updated_at, closed_at, pipeline_id, status_id, status_label)
    values (105, ${noonPlus(2500)}, ${noonPlus(MINUTE_MS)}, ${noonPlus(MINUTE_MS)}, 9, 142, 'Won')`;
  return id ?? "";
}

const personOf = async (messageId: number): Promise<number> =>
  (await sql`select person_id from amocrm_outbox where id = ${messageId}`)[0]?.["person_id"];

const EVENTS = [
  "lead inserted",
  "message appended",
  "tried",
  "done by hand",
  "deal made in amoCRM",
  "message is delivered",
  "tried",
  "warning",
  "deal closed in amoCRM",
  "deal last changed in amoCRM",
];

describe("amocrm_timeline", () => {
  test("tells everything about a person, a lead or a deal, in order", async () => {
    const id = await liveThrough();
    const byPerson =
      await sql`select * from amocrm_timeline where person_id = ${await personOf(1)} order by at, event`;
    expect(byPerson.map(({ event }) => event)).toEqual(EVENTS);
    expect(await sql`select * from amocrm_timeline where subject_id = ${id} order by at, event`).toEqual(
      byPerson,
    );
    expect(await sql`select * from amocrm_timeline where amocrm_deal_id = 105 order by at, event`).toEqual(
      byPerson,
    );
    expect(byPerson).toMatchObject([
      { at: NOON, subject_id: id, detail: "source webinar" },
      { at: NOON, message_id: 1, detail: "lead.created, lane live" },
      { at: noonPlus(1000), detail: expect.stringContaining("then dead, validation_failed, took 1") },
      { at: noonPlus(2000), detail: expect.stringContaining("requeue") },
      { at: noonPlus(2500), amocrm_deal_id: 105 },
      { at: noonPlus(3000) },
      { at: noonPlus(3000), detail: expect.stringContaining("then delivered") },
      { at: noonPlus(3000), detail: "field_left_out: budget" },
      { at: noonPlus(MINUTE_MS), detail: "pipeline 9, stage Won" },
      { at: noonPlus(MINUTE_MS) },
    ]);
    expect(JSON.stringify(byPerson)).not.toMatch(/ann|Ann/);
  });

  test("shows what waits at the moment when it goes on", async () => {
    await insertLeads(sql, [{ email: "ann@example.com" }]);
    await drainer.claim();
    await drainer.settle([{ id: 1, verdict: "retry", code: "server_error", wait_ms: 60_000 }]);
    expect(
      await sql`select at, detail from amocrm_timeline where event = 'message is pending'`,
    ).toMatchObject([{ at: noonPlus(60_000), detail: expect.stringContaining("goes on at this moment") }]);
  });

  test("shows a deal that was deleted, people merged, and a duplicate listed", async () => {
    await insertLeads(sql, [{ email: "ann@example.com" }, { phone: "+77071234567" }]);
    await drainer.claim();
    await drainer.settle([
      { id: 1, verdict: "delivered", contact_id: 5, deal_id: 105 },
      { id: 2, verdict: "delivered" },
    ]);
    const ann = await personOf(1);
    await superuser`insert into amocrm_deals (amocrm_deal_id, updated_at, is_deleted) values (105, ${NOON}, true)`;
    await at(1000);
    await insertLeads(sql, [{ email: "ann@example.com", phone: "+77071234567" }]);
    await drainer.claim();
    await sql`select amocrm.note_duplicate('people', ${ann}, 99, 'looks alike', null)`;
    expect(
      await sql`select event, at from amocrm_timeline where person_id = ${ann} and message_id is null and event not like '%inserted' order by at, event`,
    ).toEqual([
      { event: "deal deleted in amoCRM", at: NOON },
      { event: "duplicate listed", at: noonPlus(1000) },
      { event: "people merged", at: noonPlus(1000) },
    ]);
  });

  test("shows who opened the person's short links, people and machines apart", async () => {
    const [ann] = await insertLeads(sql, [{ email: "ann@example.com" }, { email: "other@example.com" }]);
    await sql`insert into short_links (code, target_url, target_name, lead_id, message_id) values ('a', 'https://a.example', 'course', ${ann ?? ""}, 77),
      ('b', 'https://b.example', null, null, null)`;
    await sql`insert into link_clicks (code, clicked_at, verdict, reason) values ('a', ${noonPlus(1000)}, 'preview', 'telegram'),
      ('a', ${noonPlus(2000)}, 'human', 'in_app'), ('b', ${noonPlus(3000)}, 'human', 'browser')`;
    expect(
      await sql`select at, subject_id, message_id, event, detail from amocrm_timeline where event like 'link %' order by at`,
    ).toEqual([
      {
        ...{ at: noonPlus(1000), subject_id: ann, message_id: 77, event: "link opened by a machine" },
        detail: "course, preview, telegram",
      },
      {
        ...{ at: noonPlus(2000), subject_id: ann, message_id: 77, event: "link clicked" },
        detail: "course, human, in_app",
      },
    ]);
  });

  test("shows what became of the person's mails and SMS", async () => {
    const [ann = ""] = await insertLeads(sql, [{ email: "ann@example.com" }, { email: "other@example.com" }]);
    await superuser`insert into amocrm.mails (message_id, kind, subject_id, accepted_at, outcome, outcome_at)
      values (81, 'lead.mail', ${ann}, ${noonPlus(1000)}, 'delivered', ${noonPlus(2000)})`;
    await superuser`insert into amocrm.mail_events (event_id, message_id, type, happened_at) values
      ('s', 81, 'email.sent', ${noonPlus(1500)}), ('d', 81, 'email.delivered', ${noonPlus(2000)}), ('o', 81, 'email.opened', ${noonPlus(3000)})`;
    await superuser`insert into amocrm.sms (message_id, subject_id, part_count, accepted_at, status, outcome, outcome_at) values
      (82, ${ann}, 2, ${noonPlus(4000)}, 'DELIVRD', 'delivered', ${noonPlus(5000)}), (83, ${ann}, 1, ${noonPlus(6000)}, null, 'sent', ${noonPlus(6000)})`;
    const rows =
      await sql`select at, message_id, event, detail from amocrm_timeline_of(p_email => 'ann@example.com') where message_id > 80`;
    expect(rows.map(({ at, message_id, event, detail }) => [at, message_id, event, detail])).toEqual([
      [noonPlus(1000), 81, "mail sent", "lead.mail"],
      [noonPlus(2000), 81, "mail delivered", "lead.mail"],
      [noonPlus(3000), 81, "mail opened", "lead.mail"],
      [noonPlus(4000), 82, "sms sent", "2 parts"],
      [noonPlus(5000), 82, "sms delivered", "2 parts, DELIVRD"],
      [noonPlus(6000), 83, "sms sent", "1 part"],
    ]);
  });

  test("of one person is found by indexes, however many others there are", async () => {
    await superuser.unsafe(`
      insert into amocrm.people select from generate_series(1, 3000);
      insert into amocrm.person_keys select 'email', 'p' || n || '@example.com', n from generate_series(1, 3000) as n;
      alter table unified_lead_tracking disable trigger user;
      insert into unified_lead_tracking (id, email) select md5(n::text)::uuid, 'p' || n || '@example.com' from generate_series(1, 3000) as n;
      alter table unified_lead_tracking enable trigger user;
      insert into amocrm.links (subject_table, subject_id, object, amocrm_id)
      select 'unified_lead_tracking', md5(n::text)::uuid, 'deal', n from generate_series(1, 3000) as n;
      insert into amocrm.outbox (queue, kind, subject_table, subject_id, is_fresh, state, delivered_at)
      select 'amocrm', 'lead.created', 'unified_lead_tracking', md5(n::text)::uuid, false, 'delivered', now() from generate_series(1, 3000) as n;
      insert into public.short_links (code, target_url, lead_id) select 'c' || n, 'https://a.example', md5(n::text)::uuid from generate_series(1, 3000) as n;
      insert into public.link_clicks (code, verdict) select code, 'human' from public.short_links;
      analyze`);
    for (const condition of ["person_id = 7", "amocrm_deal_id = 7", "subject_id = md5('7')::uuid"]) {
      const rows = await superuser.unsafe(
        `explain (analyze, format json) select * from amocrm_timeline where ${condition}`,
      );
      const plan = JSON.stringify(rows[0]?.["QUERY PLAN"]);
      const widest = Math.max(
        ...[...plan.matchAll(/"Actual Rows":([\d.]+)/g)].map(([, count]) => Number(count)),
      );
      expect(widest).toBeLessThan(20);
    }
  });
});

describe("amocrm_timeline_of", () => {
  const events = async (of: { email?: string; phone?: string; deal?: number }) =>
    (
      await runAs(
        ADMIN,
        (session) =>
          session`select event from amocrm_timeline_of(${of.email ?? null}, ${of.phone ?? null}, ${of.deal ?? null}::bigint)`,
      )
    ).map((row) => row["event"]);

  test("finds the person by an e-mail however it is written, and a deal by its id", async () => {
    await liveThrough();
    expect((await events({ email: " ANN@Example.com " })).toSorted()).toEqual(EVENTS.toSorted());
    expect((await events({ deal: 105 })).toSorted()).toEqual(EVENTS.toSorted());
    expect(await events({ email: "nobody@example.com" })).toEqual([]);
  });

  test("shows a lead that no drain has placed yet", async () => {
    await insertLeads(sql, [{ phone: "8 707 123 45 67" }]);
    expect(await events({ phone: "+7 707 123-45-67" })).toEqual([
      "lead inserted",
      "message appended",
      "message is pending",
    ]);
  });

  test.each([
    { email: "no address", message: "p_email is not an e-mail address" },
    { phone: "12", message: "p_phone is not a phone number" },
    { message: "none of p_email, p_phone and p_deal_id was given" },
  ])("refuses with $message", async ({ message, ...of }) => {
    expect(await errorOf(events(of))).toMatchObject({ code: "22023", message });
  });
});
