import { beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads } from "../support/leads.ts";
import { insertStudent, type MailDrainer, mailMessages, openMailDrainer } from "../support/mail-drainer.ts";
import { configureVault, FUNCTIONS_URL, queuedPosts } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let drainer: MailDrainer;
beforeEach(async () => {
  drainer = openMailDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
});

describe("a new student", () => {
  test("gets a welcome in the queue of mails, beside the message to amoCRM", async () => {
    const id = await insertStudent(sql);
    expect(await mailMessages(sql)).toMatchObject([
      { kind: "student.welcome", state: "pending", subject_id: id, email_key: "asel@example.kz" },
    ]);
  });

  test("who comes with welcome_email_sent_at was welcomed elsewhere and gets none", async () => {
    await insertStudent(sql, { welcomedAt: "2030-01-01" });
    expect(await mailMessages(sql)).toEqual([]);
  });

  test("is saved although appending the mail fails, and the sweep finds it", async () => {
    await sql`alter table amocrm.kinds rename to kinds_away`;
    const id = await insertStudent(sql);
    await sql`alter table amocrm.kinds_away rename to kinds`;
    expect(await mailMessages(sql)).toEqual([]);
    await sql`update tripwire_users set created_at = amocrm.clock()`;
    expect((await sql`select amocrm.sweep_mail() as count`)[0]).toEqual({ count: 1 });
    expect((await sql`select amocrm.sweep_mail() as count`)[0]).toEqual({ count: 0 });
    expect(await mailMessages(sql)).toMatchObject([{ subject_id: id }]);
  });

  test("of long ago is not welcomed by the sweep", async () => {
    await sql`alter table tripwire_users disable trigger amocrm_510_enqueue_welcome`;
    await insertStudent(sql);
    await sql`alter table tripwire_users enable trigger amocrm_510_enqueue_welcome`;
    await sql`update tripwire_users set created_at = amocrm.clock() - interval '2 days'`;
    expect((await sql`select amocrm.sweep_mail() as count`)[0]).toEqual({ count: 0 });
  });
});

describe("recipients", () => {
  test("are no people of amoCRM's: neither queue makes or changes a row of the other's", async () => {
    await insertStudent(sql);
    await insertStudent(sql, { email: "other@example.kz" });
    await drainer.begin();
    const claimed = await drainer.claim();
    expect(claimed).toHaveLength(2);
    expect(await sql`select from amocrm.people`).toHaveLength(0);
    const ids = (await mailMessages(sql)).map((row) => row.person_id ?? 0);
    expect(ids.every((id) => id < 0)).toBe(true);
    expect(new Set(ids).size).toBe(2);
  });

  test("get their mails in order, one at a time, and hold back nobody else", async () => {
    const student = await insertStudent(sql);
    await insertStudent(sql, { email: "other@example.kz" });
    await sql`select amocrm.append('student.welcome', 'tripwire_users',
      ${JSON.stringify([{ id: student, email: "ASEL@example.kz" }])}::text::jsonb)`;
    await drainer.begin();
    const ids = (await drainer.claim()).map((mail) => mail.id);
    const [first, other, second] = (await mailMessages(sql)).map((row) => row.id);
    expect(ids.toSorted()).toEqual([first, other]);
    await drainer.settle({ id: first ?? 0, verdict: "delivered", resend_id: "r1" });
    expect((await drainer.claim()).map((mail) => mail.id)).toEqual([second]);
  });
});

describe("the two queues", () => {
  const tick = () => sql`select amocrm_tick()`;
  const posted = async () =>
    (await queuedPosts(sql)).map(({ url }) => url.replace(`${FUNCTIONS_URL}/`, "")).sort();
  beforeEach(() => configureVault(sql));

  test("are called by one tick, each only if something of its own is due", async () => {
    await insertStudent(sql);
    await sql`update amocrm_outbox set state = 'delivered', delivered_at = now(), is_fresh = false`;
    await superuser`truncate net.http_request_queue`;
    await tick();
    expect(await posted()).toEqual(["message-drain"]);
    await superuser`truncate net.http_request_queue`;
    await sql`update amocrm.outbox set state = 'delivered', delivered_at = now(), is_fresh = false`;
    await insertLeads(sql, [{ email: "lead@example.com" }]);
    await superuser`truncate net.http_request_queue`;
    await tick();
    expect(await posted()).toEqual(["amocrm-drain"]);
  });

  test("ring their own bells at an insert", async () => {
    await insertStudent(sql);
    expect(await posted()).toContain("message-drain");
  });

  test("stop and wait apart: amoCRM's breaker, pause and lease hold up no mail, and the other way round", async () => {
    const amocrm = openDrainer(database);
    await setTestClock(NOON, amocrm.sql);
    await sql`select amocrm_pause('moving')`;
    await sql`select amocrm_report_fault('unpaid', null, 'not paid', null, 'send', '{1}', false)`;
    expect(await drainer.begin()).toBe("granted");
    expect((await drainer.slot()).granted).toBe(true);
    await sql`select amocrm_resume()`;
    await sql`select message_pause('a mistake in the text')`;
    await sql`select message_report_fault('mail_unauthorized', null, 'wrong key', null, 'send', '{1}', false)`;
    await setTestClock(noonPlus(MINUTE_MS), sql, drainer.sql, amocrm.sql);
    expect(await amocrm.begin()).toBe("granted");
    expect((await amocrm.slot()).granted).toBe(true);
    expect(await drainer.begin()).toBe("paused");
  });

  test("are called although the call of the other fails, which counts as a call that nobody heard", async () => {
    await insertStudent(sql);
    await insertLeads(sql, [{ email: "lead@example.com" }]);
    await superuser`truncate net.http_request_queue`;
    await superuser.unsafe(`create function public.refuse() returns trigger language plpgsql as
      $$ begin if new.url like '%amocrm-drain' then raise 'no such host'; end if; return new; end $$;
      create trigger refuse before insert on net.http_request_queue for each row execute function public.refuse()`);
    try {
      await tick();
      expect(await posted()).toEqual(["message-drain"]);
      expect(
        await sql`select component, unanswered_post_count from amocrm.heartbeats where component like '%-drain' order by 1`,
      ).toEqual([
        { component: "amocrm-drain", unanswered_post_count: 1 },
        { component: "message-drain", unanswered_post_count: 1 },
        { component: "sms-drain", unanswered_post_count: 0 },
        { component: "unisender-drain", unanswered_post_count: 0 },
      ]);
    } finally {
      await superuser.unsafe("drop function public.refuse() cascade");
    }
  });
});

test("the pace is Resend's own: two requests are half a second apart by default", async () => {
  await insertStudent(sql);
  await drainer.begin();
  expect(await drainer.slot()).toMatchObject({ granted: true, wait_ms: 0, interval_ms: 500 });
  expect(await drainer.slot()).toMatchObject({ granted: true, wait_ms: 500 });
});

test("a delivered mail is pruned when its time is over, whether or not the student ever reached amoCRM", async () => {
  await insertStudent(sql);
  await drainer.begin();
  const [mail] = await drainer.claim();
  await drainer.intend(mail?.id ?? 0);
  await drainer.settle({ id: mail?.id ?? 0, verdict: "delivered", resend_id: "r1" });
  await setTestClock(noonPlus(31 * 24 * 60 * MINUTE_MS), sql);
  await sql`select amocrm.prune(100)`;
  expect(await mailMessages(sql)).toEqual([]);
  expect(await sql`select state from amocrm.mail_state((select id from tripwire_users))`).toEqual([
    { state: "sent" },
  ]);
});
