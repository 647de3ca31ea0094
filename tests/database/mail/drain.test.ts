import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, NOON, noonPlus, SECOND_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertStudent, type MailDrainer, mailMessages, openMailDrainer } from "../support/mail-drainer.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: MailDrainer;
let studentId: string;
let id: number;
beforeEach(async () => {
  drainer = openMailDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  studentId = await insertStudent(sql);
  await drainer.begin();
  id = (await drainer.claim())[0]?.id ?? 0;
});

/** Comes back at an hour, with a lease of a new drain, and claims what is due. */
async function comeBack(at: Date): Promise<void> {
  await drainer.end();
  drainer = openMailDrainer(database);
  await setTestClock(at, sql, drainer.sql);
  await drainer.begin();
}
const claimAgain = async (at: Date) => {
  await comeBack(at);
  return (await drainer.claim())[0];
};
const mail = async () => (await sql`select * from amocrm.mails`)[0];

describe("the body of a mail", () => {
  test("is that of the first try as long as one is in doubt, whatever is rendered later", async () => {
    const first = await drainer.intend(id, { subject: "Доступ", html: "a" });
    await drainer.settle({
      id,
      verdict: "uncertain",
      policy: "mail_in_doubt",
      is_sent: false,
      code: "timeout",
    });
    expect((await mailMessages(sql))[0]).toMatchObject({ state: "uncertain", step: "send_mail" });
    await claimAgain(noonPlus(HOUR_MS));
    const second = await drainer.intend(id, { subject: "A new template", html: "b" });
    expect(second).toEqual(first);
  });

  test("may change with nothing in doubt, and then goes under another key", async () => {
    const first = await drainer.intend(id, { subject: "a" });
    await drainer.settle({
      id,
      verdict: "retry",
      policy: "connection_failed",
      is_sent: false,
      code: "connection_failed",
    });
    await claimAgain(noonPlus(HOUR_MS));
    const same = await drainer.intend(id, { subject: "a" });
    expect(same).toEqual(first);
    await drainer.settle({
      id,
      verdict: "retry",
      policy: "connection_failed",
      is_sent: false,
      code: "connection_failed",
    });
    await claimAgain(noonPlus(2 * HOUR_MS));
    const other = await drainer.intend(id, { subject: "b" });
    expect(other?.body).toEqual({ subject: "b" });
    expect(other?.key).not.toBe(first?.key);
  });

  test("is gone once Resend has the mail", async () => {
    await drainer.intend(id, { subject: "Доступ" });
    expect((await mail())?.["body"]).toEqual({ subject: "Доступ" });
    await drainer.settle({ id, verdict: "delivered", resend_id: "r1" });
    expect(await mail()).toMatchObject({ body: null, resend_id: "r1", outcome: "sent", accepted_at: NOON });
  });

  test("holds no link: the token is told apart from it and is the same at each try", async () => {
    const first = await drainer.intend(id);
    await drainer.settle({
      id,
      verdict: "uncertain",
      policy: "mail_in_doubt",
      is_sent: false,
      code: "timeout",
    });
    await claimAgain(noonPlus(HOUR_MS));
    const second = await drainer.intend(id);
    expect(first?.linkToken).toMatch(/^[\w-]{43}$/);
    expect(second?.linkToken).toBe(first?.linkToken);
    const stored = JSON.stringify(await sql`select * from amocrm.mails, amocrm.welcome_links, amocrm.outbox`);
    expect(stored).not.toContain(first?.linkToken);
  });
});

describe("a message in doubt", () => {
  test("tells how long the first request in doubt is ago, not the last", async () => {
    await drainer.intend(id);
    await drainer.settle({
      id,
      verdict: "uncertain",
      policy: "mail_in_doubt",
      is_sent: false,
      code: "timeout",
    });
    expect(await claimAgain(noonPlus(HOUR_MS))).toMatchObject({ isInDoubt: true, doubtMs: HOUR_MS });
    await drainer.intend(id);
    await drainer.settle({
      id,
      verdict: "uncertain",
      policy: "mail_in_doubt",
      is_sent: false,
      code: "timeout",
    });
    expect(await claimAgain(noonPlus(23 * HOUR_MS))).toMatchObject({
      isInDoubt: true,
      doubtMs: 23 * HOUR_MS,
    });
  });

  test("is what a killed worker leaves, and only if its request may have left", async () => {
    expect(await claimAgain(noonPlus(HOUR_MS))).toMatchObject({ isInDoubt: false, doubtMs: null });
    await drainer.intend(id);
    // The drain is gone without a word; its lease runs out.
    drainer = openMailDrainer(database);
    await setTestClock(noonPlus(2 * HOUR_MS), sql, drainer.sql);
    await drainer.begin();
    await setTestClock(noonPlus(3 * HOUR_MS), sql, drainer.sql);
    await drainer.begin();
    expect((await drainer.claim())[0]).toMatchObject({ isInDoubt: true, doubtMs: 2 * HOUR_MS });
  });

  test("is out of doubt when a request was certainly not taken", async () => {
    await drainer.intend(id);
    await drainer.settle({
      id,
      verdict: "retry",
      policy: "connection_failed",
      is_sent: false,
      code: "connection_failed",
    });
    expect((await mail())?.["doubt_since"]).toBeNull();
    expect(await claimAgain(noonPlus(HOUR_MS))).toMatchObject({ isInDoubt: false, doubtMs: null });
  });

  test("spends no attempt, however often it is repeated, and waits ever longer", async () => {
    const waits: number[] = [];
    let now = NOON.getTime();
    for (let round = 0; round < 20; round++) {
      await drainer.intend(id);
      await drainer.settle({
        id,
        verdict: "uncertain",
        policy: "mail_in_doubt",
        is_sent: false,
        code: "timeout",
      });
      const [row] = await mailMessages(sql);
      waits.push(Number(row?.next_attempt_at) - now);
      now = Number(row?.next_attempt_at);
      expect(await claimAgain(new Date(now))).toMatchObject({ id, attemptCount: 0 });
    }
    expect(waits[0]).toBe(10 * SECOND_MS);
    expect(Math.max(...waits)).toBe(1800 * SECOND_MS);
  });

  test("is known to be sent when the webhook told so before the answer did", async () => {
    await drainer.intend(id);
    await drainer.settle({
      id,
      verdict: "uncertain",
      policy: "mail_in_doubt",
      is_sent: false,
      code: "timeout",
    });
    await drainer.event({
      event_id: "e1",
      type: "email.sent",
      outcome: "sent",
      resend_id: "r9",
      message_id: id,
      subject_id: studentId,
      happened_at: NOON.toISOString(),
    });
    expect(await claimAgain(noonPlus(HOUR_MS))).toMatchObject({ isInDoubt: true, resendId: "r9" });
  });
});

test("welcome_email_sent_at is written when the mail was taken; a row that somebody holds is written by the sweep", async () => {
  const holder = database.connect();
  await holder.unsafe("begin; select from public.tripwire_users for update");
  await drainer.intend(id);
  await drainer.settle({ id, verdict: "delivered", resend_id: "r1" });
  expect(await sql`select welcome_email_sent_at from tripwire_users`).toEqual([
    { welcome_email_sent_at: null },
  ]);
  await holder.unsafe("rollback");
  await sql`select amocrm.sweep_mail()`;
  expect(await sql`select welcome_email_sent_at from tripwire_users`).toEqual([
    { welcome_email_sent_at: NOON },
  ]);
});

test("a drain that was replaced neither sends nor settles", async () => {
  const late = openMailDrainer(database);
  await setTestClock(noonPlus(HOUR_MS), sql, late.sql);
  await late.begin();
  await setTestClock(noonPlus(HOUR_MS), drainer.sql);
  await expect(drainer.intend(id)).rejects.toMatchObject({ code: "OB001" });
  expect(await drainer.settle({ id, verdict: "delivered", resend_id: "r1" })).toEqual([]);
  expect((await mailMessages(sql))[0]).toMatchObject({ state: "pending" });
});

test("two messages to which Resend gave one id do not stop the queue", async () => {
  await insertStudent(sql, { email: "b@example.kz" });
  const second = (await drainer.claim())[0]?.id ?? 0;
  for (const one of [id, second]) await drainer.intend(one);
  expect(
    await drainer.settle(
      { id, verdict: "delivered", resend_id: "same" },
      { id: second, verdict: "delivered", resend_id: "same" },
    ),
  ).toHaveLength(2);
});

describe("requeueing", () => {
  test("after a refusal renders anew, under a key of its own if the body is another", async () => {
    const first = await drainer.intend(id, { to: ["typo@example.kz"] });
    await drainer.settle({
      id,
      verdict: "rejected",
      policy: "mail_refused",
      is_sent: true,
      code: "mail_refused",
    });
    expect((await mailMessages(sql))[0]).toMatchObject({ state: "dead", last_error_code: "mail_refused" });
    await sql`select amocrm_requeue(${id})`;
    expect(await claimAgain(noonPlus(HOUR_MS))).toMatchObject({ id, isInDoubt: false });
    const second = await drainer.intend(id, { to: ["asel@example.kz"] });
    expect(second?.key).not.toBe(first?.key);
  });

  test("after a key that was taken never uses that key again", async () => {
    const first = await drainer.intend(id);
    await drainer.settle({
      id,
      verdict: "rejected",
      policy: "mail_key_taken",
      is_sent: true,
      code: "mail_key_taken",
    });
    await sql`select amocrm_requeue(${id})`;
    await claimAgain(noonPlus(HOUR_MS));
    expect((await drainer.intend(id))?.key).not.toBe(first?.key);
  });
});
