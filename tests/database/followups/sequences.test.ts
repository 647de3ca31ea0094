import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { entrySteps, insertFollowedLead, writeSequence } from "../support/followups.ts";
import { insertStudent } from "../support/mail-drainer.ts";
import { type MailOffice, openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
let office: MailOffice;
beforeEach(async () => {
  await configureVault(database.connect({ user: "supabase_admin" }));
  office = await openMailOffice(database);
});
const addresses = (): string[] => office.resend.mails().flatMap(({ body }) => body.to);
const outcomes = async () => (await entrySteps(sql)).map(({ step, state, reason }) => [step, state, reason]);

describe("followup_overview", () => {
  test("tells who is inside by version, and amocrm_health.notice what is only half set up", async () => {
    await writeSequence(sql, [{ step: "first" }, { step: "second", delay_minutes: 1440 }]);
    await insertFollowedLead(sql);
    await office.pass(MINUTE_MS);
    const overview = () =>
      sql`select sequence, version, step_count, is_on, paused_at is not null as is_paused, people_inside::int, people_in_older::int,
        waiting_count::int, held_count::int from followup_overview`;
    const row = { sequence: "welcome", version: 1, step_count: 2, is_on: true, is_paused: false };
    const counts = { people_inside: 1, people_in_older: 0, waiting_count: 1, held_count: 0 };
    expect(await overview()).toEqual([{ ...row, ...counts }]);
    const notice = async (): Promise<string | null> =>
      (await sql`select amocrm.followups_notice() as said`)[0]?.["said"];
    expect(await notice()).toBeNull();
    await sql`insert into followup_steps (sequence, step, version, channel, template_code) values ('welcome', 'third', 1, 'sms', 'unwritten')`;
    await sql`select followup_pause('welcome')`;
    expect(await overview()).toMatchObject([
      { version: 2, step_count: 3, is_paused: true, people_inside: 1, people_in_older: 1 },
    ]);
    await sql`update amocrm.heartbeats set state = 'unconfigured', detail = 'MOBIZON_API_KEY is not set' where component = 'sms-drain'`;
    expect(await notice()).toBe(
      "Steps of sequences have no text in followup_templates, so they cannot be sent: welcome/third\n" +
        "Sequences have steps by SMS, and sms-drain cannot send any: MOBIZON_API_KEY is not set",
    );
  });
});

describe("a sequence", () => {
  test("sends each step once, when its hour has come, with both headers and the way out", async () => {
    await writeSequence(sql, [{ step: "first" }, { step: "second", delay_minutes: 1440 }]);
    await insertFollowedLead(sql, { metadata: { price: 12500 } });
    await office.pass(MINUTE_MS);
    expect(addresses()).toEqual(["asel@example.kz"]);
    const mail = office.resend.mails()[0]?.body;
    expect(mail?.subject).toBe("Здравствуйте, Әсел!");
    expect(mail?.text).toContain("12\u{a0}500\u{a0}₸");
    const { headers = {} } = mail ?? {};
    expect(headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    const token = /^<https:\/\/.+\/functions\/v1\/unsubscribe\/([A-Za-z0-9_-]{22})>$/.exec(
      headers["List-Unsubscribe"] ?? "",
    )?.[1];
    expect(mail?.text).toContain(`#token=${token}`);
    await office.pass(DAY_MS, HOUR_MS);
    await office.pass(2 * HOUR_MS, 10 * MINUTE_MS);
    expect(addresses()).toHaveLength(2);
    expect(await outcomes()).toEqual([
      ["first", "departed", null],
      ["second", "departed", null],
    ]);
  });

  test("takes nobody for history: rows from before it was on, imports and rows that amoCRM has make no message", async () => {
    await insertFollowedLead(sql, { email: "before@example.kz" });
    await writeSequence(sql, [{ step: "first" }]);
    await insertFollowedLead(sql, { email: "import@example.kz", createdAt: noonPlus(-HOUR_MS) });
    await sql`insert into unified_lead_tracking (email, consent_at, amocrm_synced_at) values ('synced@example.kz', now(), now())`;
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    await sql`select amocrm.sweep_followups()`;
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(addresses()).toEqual([]);
  });

  test("lets an address in once, however many leads name it, and by hand just the same", async () => {
    await writeSequence(sql, [{ step: "first" }]);
    await insertFollowedLead(sql);
    const again = await insertFollowedLead(sql, { email: "ASEL@example.kz", phone: "+77011112233" });
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(await sql`select message_enroll('welcome', ${again}) as id`).toEqual([{ id: null }]);
    const other = await insertFollowedLead(sql, { email: "other@example.kz", createdAt: noonPlus(-DAY_MS) });
    expect((await sql`select message_enroll('welcome', ${other}) as id`)[0]?.["id"]).toBeGreaterThan(0);
    expect(await sql`select message_enroll('welcome', ${other}) as id`).toEqual([{ id: null }]);
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(addresses()).toEqual(["asel@example.kz", "other@example.kz"]);
  });

  test("ends for who became a student, whose deal was won, who withdrew or whose address bounced", async () => {
    await writeSequence(sql, [{ step: "first" }, { step: "second", delay_minutes: 60 }]);
    await sql`update message_settings set daily_cap = null`;
    for (const name of ["student", "won", "withdrew", "bounced", "stays"]) {
      await insertFollowedLead(sql, { email: `${name}@example.kz` });
    }
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    await insertStudent(sql, { email: "student@example.kz", welcomedAt: "2031-05-05" });
    await sql`update unified_lead_tracking set amocrm_deal_id = 77 where email = 'won@example.kz'`;
    await sql`insert into amocrm_deals (amocrm_deal_id, status_id, closed_at) values (77, 142, '2031-05-05 12:30+00')`;
    await sql`select message_withdraw(p_email => 'withdrew@example.kz')`;
    await sql`insert into amocrm.suppressed_addresses (email_key, reason) values ('bounced@example.kz', 'bounced')`;
    await office.pass(2 * HOUR_MS, 10 * MINUTE_MS);
    expect(addresses().slice(5)).toEqual(["stays@example.kz"]);
    const skipped =
      await sql`select recipient, reason from amocrm.followup_entry_steps where state = 'skipped' order by recipient`;
    expect(skipped.map(({ recipient, reason }) => [recipient, reason])).toEqual([
      ["bounced@example.kz", "bounced"],
      ["student@example.kz", "student"],
      ["withdrew@example.kz", "withdrew"],
      ["won@example.kz", "won"],
    ]);
  });

  test("is looked at again just before the request: who withdraws while Resend is down gets nothing", async () => {
    await writeSequence(sql, [{ step: "first" }]);
    office.weather = "down";
    await insertFollowedLead(sql);
    await office.pass(5 * MINUTE_MS);
    expect(await sql`select state from message_outbox`).toEqual([{ state: "pending" }]);
    await sql`select message_withdraw(p_email => 'asel@example.kz')`;
    office.weather = "fine";
    await office.pass(HOUR_MS);
    expect(addresses()).toEqual([]);
    expect(await sql`select state, last_error_code from message_outbox`).toEqual([
      { state: "superseded", last_error_code: "withdrew" },
    ]);
  });

  test("writes to nobody without consent, and says so; a course's own mails need none", async () => {
    await writeSequence(sql, [{ step: "first" }]);
    await writeSequence(sql, [
      { sequence: "course", step: "start", event: "student.created", topic: "course" },
    ]);
    await insertFollowedLead(sql, { email: "silent@example.kz", hasConsent: false });
    await insertStudent(sql, { email: "student@example.kz" });
    await office.pass(10 * MINUTE_MS, MINUTE_MS);
    expect(await outcomes()).toEqual([
      ["first", "skipped", "no_consent"],
      ["start", "departed", null],
    ]);
    expect(new Set(addresses())).toEqual(new Set(["student@example.kz"]));
  });

  test("lets in neither quarantined leads nor, until it is over, leads of a running flood", async () => {
    await writeSequence(sql, [{ step: "first" }]);
    await insertFollowedLead(sql, { email: "known@example.kz", createdAt: noonPlus(-3 * DAY_MS) });
    const held = await insertFollowedLead(sql, { email: "held@example.kz" });
    await sql`insert into amocrm.quarantined_leads (lead_id, reason, quarantined_at) values (${held}, 'flood', amocrm.clock())`;
    await insertFollowedLead(sql, { email: "slipped@example.kz" });
    await insertFollowedLead(sql, { email: "known@example.kz" });
    await office.pass(5 * MINUTE_MS, MINUTE_MS);
    expect(addresses()).toEqual(["known@example.kz"]);
    await office.pass(20 * MINUTE_MS, MINUTE_MS);
    expect(addresses()).toEqual(["known@example.kz", "slipped@example.kz"]);
    await expect(sql`select message_enroll('welcome', ${held})`).rejects.toMatchObject({ code: "22023" });
  });
});

describe("changing a sequence", () => {
  test("makes a version for newcomers, and those inside finish theirs, move, or leave", async () => {
    await writeSequence(sql, [{ step: "first" }, { step: "second", delay_minutes: 120 }]);
    await insertFollowedLead(sql);
    await office.pass(MINUTE_MS);
    await sql`update followup_steps set delay_minutes = 60 where step = 'second'`;
    await sql`insert into followup_steps (sequence, version, step, channel, template_code, delay_minutes) values ('welcome', 2, 'third', 'mail', 'hello', 180)`;
    expect(await sql`select step, version from followup_steps order by step`).toEqual([
      { step: "first", version: 2 },
      { step: "second", version: 2 },
      { step: "third", version: 2 },
    ]);
    expect((await entrySteps(sql)).map(({ step, due_at }) => [step, due_at])).toEqual([
      ["first", NOON],
      ["second", noonPlus(2 * HOUR_MS)],
    ]);
    expect(await sql`select followup_resume('welcome', 'move') as count`).toEqual([{ count: 1 }]);
    expect((await entrySteps(sql)).map(({ step, due_at, state }) => [step, due_at, state])).toEqual([
      ["first", NOON, "departed"],
      ["second", noonPlus(HOUR_MS), "waiting"],
      ["third", noonPlus(3 * HOUR_MS), "waiting"],
    ]);
    expect(await sql`select followup_resume('welcome', 'leave') as count`).toEqual([{ count: 1 }]);
    expect((await outcomes()).slice(1)).toEqual([
      ["second", "skipped", "left"],
      ["third", "skipped", "left"],
    ]);
  });

  test("a pause freezes, and what fell due meanwhile is not late for that", async () => {
    await writeSequence(sql, [{ step: "first", max_delay_minutes: 60 }]);
    await sql`select followup_pause('welcome')`;
    await insertFollowedLead(sql);
    await office.pass(3 * HOUR_MS, 10 * MINUTE_MS);
    expect(addresses()).toEqual([]);
    await setTestClock(new Date(office.nowMs()), sql);
    await sql`select followup_resume('welcome')`;
    await office.pass(MINUTE_MS);
    expect(addresses()).toEqual(["asel@example.kz"]);
  });
});

test("an outage longer than a step bears is no burst afterwards: late steps are skipped with the reason", async () => {
  await writeSequence(sql, [
    { step: "first", max_delay_minutes: 60 },
    { step: "second", delay_minutes: 60 },
  ]);
  await sql`update message_settings set daily_cap = null`;
  office.weather = "down";
  await insertFollowedLead(sql);
  await office.pass(3 * HOUR_MS, 10 * MINUTE_MS);
  office.weather = "fine";
  await office.pass(HOUR_MS, MINUTE_MS);
  expect(await outcomes()).toEqual([
    ["first", "skipped", "late"],
    ["second", "departed", null],
  ]);
  expect(addresses()).toHaveLength(1);
});

test("beyond mails_per_hour steps are held with an alert until a person releases them", async () => {
  await writeSequence(sql, [{ step: "first" }]);
  await sql`update message_settings set mails_per_hour = 2`;
  for (const index of [1, 2, 3]) await insertFollowedLead(sql, { email: `person${index}@example.kz` });
  await office.pass(2 * HOUR_MS, 10 * MINUTE_MS);
  expect(addresses()).toHaveLength(2);
  expect(await sql`select code from amocrm.followup_conditions()`).toEqual([{ code: "followups_held" }]);
  expect(await sql`select followup_release() as count`).toEqual([{ count: 1 }]);
  await office.pass(MINUTE_MS);
  expect(addresses()).toHaveLength(3);
});

test("a welcome does not wait behind a step that quiet hours hold", async () => {
  await writeSequence(sql, [{ step: "first", stop_on: [] }]);
  office.weather = "down";
  await insertFollowedLead(sql);
  await office.pass(5 * MINUTE_MS);
  await sql`update message_settings set quiet_from = '00:00', quiet_until = '23:59'`;
  await insertStudent(sql);
  office.weather = "fine";
  await office.pass(HOUR_MS, MINUTE_MS);
  expect(await sql`select kind, state, last_error_code from message_outbox order by id`).toEqual([
    { kind: "lead.mail", state: "pending", last_error_code: "quiet_hours" },
    { kind: "student.welcome", state: "delivered", last_error_code: null },
  ]);
});
