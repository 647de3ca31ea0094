import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertStudent, type MailDrainer, openMailDrainer } from "../support/mail-drainer.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: MailDrainer;
let studentId: string;
let id: number;
let eventCount: number;
beforeEach(async () => {
  drainer = openMailDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  studentId = await insertStudent(sql);
  eventCount = 0;
  await drainer.begin();
  id = (await drainer.claim())[0]?.id ?? 0;
  await drainer.intend(id);
});
const send = () => drainer.settle({ id, verdict: "delivered", resend_id: "r1" });
const tell = (outcome: string | null, more: Record<string, unknown> = {}) =>
  drainer.event({
    event_id: `e${++eventCount}`,
    type: `email.${outcome}`,
    outcome,
    resend_id: "r1",
    happened_at: noonPlus(eventCount).toISOString(),
    ...more,
  });
const state = async () => (await sql`select * from amocrm.mail_state(${studentId})`)[0];

describe("the state of a student's mail", () => {
  test("is waiting, then sent, then what Resend tells", async () => {
    expect(await state()).toMatchObject({ state: "waiting", reason: null });
    await send();
    expect(await state()).toMatchObject({ state: "sent", changed_at: NOON });
    await tell("delivered");
    expect(await state()).toMatchObject({ state: "delivered", changed_at: noonPlus(1) });
  });

  test.each([
    [["delivered", "sent"], "delivered"],
    [["bounced", "delivered"], "bounced"],
    [["complained", "bounced", "delivered", "sent"], "complained"],
    [["delayed", "delivered"], "delivered"],
    [["delivered", "delayed"], "delivered"],
  ])("is what says most, in whichever order it is told: %s", async (events, expected) => {
    await send();
    for (const event of events) await tell(event);
    expect((await state())?.["state"]).toBe(expected);
  });

  test("is failed with the reason when the message is dead, and what Resend tells counts more", async () => {
    await drainer.settle({
      id,
      verdict: "rejected",
      policy: "*",
      code: "outcome_unknown",
      message: "Nobody knows",
    });
    expect(await state()).toMatchObject({ state: "failed", reason: "Nobody knows" });
    await tell("delivered", { resend_id: "r2", message_id: id, subject_id: studentId });
    expect((await state())?.["state"]).toBe("delivered");
  });

  test("names the reason of a bounce", async () => {
    await send();
    await tell("bounced", { reason: "Permanent, General", is_permanent: true });
    expect(await state()).toMatchObject({ state: "bounced", reason: "Permanent, General" });
  });

  test("is nothing for a student without a mail", async () => {
    const other = await insertStudent(sql, { email: "b@example.kz", welcomedAt: "2030-01-01" });
    expect(await sql`select * from amocrm.mail_state(${other})`).toEqual([]);
  });
});

describe("an event", () => {
  test("of an opening is kept once a mail, and says nothing of how it arrived", async () => {
    await send();
    await tell("delivered");
    for (const at of [5, 9])
      await tell(null, { type: "email.opened", happened_at: noonPlus(at).toISOString() });
    expect(await sql`select opened_at, outcome from amocrm.mails`).toEqual([
      { opened_at: noonPlus(5), outcome: "delivered" },
    ]);
    expect(await sql`select type from amocrm.mail_events order by received_at, event_id`).toEqual([
      { type: "email.delivered" },
      { type: "email.opened" },
    ]);
  });

  test("counts once, however often it is told", async () => {
    await send();
    const event = {
      event_id: "same",
      type: "email.delivered",
      outcome: "delivered",
      resend_id: "r1",
      happened_at: NOON.toISOString(),
    };
    expect(await drainer.event(event)).toBe("recorded");
    expect(await drainer.event({ ...event, outcome: "complained" })).toBe("repeated");
    expect((await state())?.["state"]).toBe("delivered");
  });

  test("is not ours if neither Resend's id nor our tags are known; another project's number is no proof", async () => {
    await send();
    expect(await tell("bounced", { resend_id: "stranger" })).toBe("unknown");
    const other = "99999999-9999-4999-8999-999999999999";
    expect(await tell("bounced", { resend_id: "stranger", message_id: id, subject_id: other })).toBe(
      "unknown",
    );
    expect(await sql`select from amocrm.mail_events`).toHaveLength(0);
  });

  test("that comes before our own answer is kept, and the answer changes nothing of it", async () => {
    expect(await tell("delivered", { message_id: id, subject_id: studentId })).toBe("recorded");
    await send();
    expect((await state())?.["state"]).toBe("delivered");
  });

  test("is pruned after three months; the outcome stays", async () => {
    await send();
    await tell("delivered");
    await setTestClock(noonPlus(91 * 24 * HOUR_MS), sql);
    expect((await sql`select amocrm.prune_mail(10) as count`)[0]).toEqual({ count: 1 });
    expect((await state())?.["state"]).toBe("delivered");
  });
});

describe("an address", () => {
  const suppressed = () => sql`select email_key, reason from amocrm.suppressed_addresses`;

  test("gets no more mail after a bounce for good or a complaint, until an admin allows it", async () => {
    await send();
    await tell("bounced", { is_permanent: true });
    expect(await suppressed()).toEqual([{ email_key: "asel@example.kz", reason: "bounced" }]);
    await sql`select message_resend_welcome(${studentId})`;
    expect((await drainer.claim())[0]).toMatchObject({ suppressedBy: "bounced" });
    expect((await sql`select message_allow_address('ASEL@example.kz') as done`)[0]).toEqual({ done: true });
    expect(await suppressed()).toEqual([]);
  });

  test("gets mail after a bounce for the moment, such as a full mailbox", async () => {
    await send();
    await tell("bounced", { is_permanent: false });
    expect(await suppressed()).toEqual([]);
  });
});
