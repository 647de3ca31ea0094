import { beforeEach, describe, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { insertStudent, type MailDrainer, mailMessages, openMailDrainer } from "../support/mail-drainer.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: MailDrainer;
let studentId: string;
beforeEach(async () => {
  drainer = openMailDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  studentId = await insertStudent(sql);
});
const health = async () => (await sql`select * from message_health`)[0];
const beat = (state: string, missing: string[], detail: string | null) =>
  drainer.sql`select amocrm_heartbeat('message-drain', ${state}, ${missing}, ${detail})`;

describe("message_health", () => {
  test("is ok while mails come and go", async () => {
    expect(await health()).toMatchObject({ verdict: "ok", problem: null, waiting_count: 1 });
  });

  test("names the settings that are missing", async () => {
    await beat("unconfigured", ["MAIL_FROM"], "MAIL_FROM is not set");
    expect(await health()).toMatchObject({
      verdict: "unconfigured",
      problem: "MAIL_FROM is not set",
      missing: ["MAIL_FROM"],
    });
  });

  test("tells a pause, an open breaker, a dead mail and one that waits too long", async () => {
    await sql`select message_pause('a mistake in the text')`;
    expect(await health()).toMatchObject({ verdict: "paused", remedy: "select message_resume()" });
    await sql`select message_resume()`;
    await sql`select message_report_fault('mail_unauthorized', null, 'wrong key', null, 'send', '{1}', false)`;
    expect(await health()).toMatchObject({ verdict: "blocked", problem: "wrong key" });
    await sql`select message_breaker_close()`;
    await setTestClock(noonPlus(16 * MINUTE_MS), sql, drainer.sql);
    expect(await health()).toMatchObject({ verdict: "behind" });
    await drainer.begin();
    const id = (await drainer.claim())[0]?.id ?? 0;
    await drainer.settle({ id, verdict: "rejected", policy: "*", code: "no_address", message: "No address" });
    expect(await health()).toMatchObject({ verdict: "attention", dead_count: 1 });
    expect(await sql`select error_code, remedy from message_dead_letters`).toEqual([
      { error_code: "no_address", remedy: `Mend the cause, then: select amocrm_requeue(${id})` },
    ]);
    expect(await sql`select from amocrm_dead_letters`).toHaveLength(0);
  });
});

describe("message_resend_welcome", () => {
  const resend = (id: string) => sql`select message_resend_welcome(${id}) as id`;

  test("appends a further mail once the one before has ended", async () => {
    const [first] = await mailMessages(sql);
    expect((await errorOf(resend(studentId))).message).toContain("is on its way");
    await drainer.begin();
    await drainer.claim();
    await drainer.intend(first?.id ?? 0);
    await drainer.settle({ id: first?.id ?? 0, verdict: "delivered", resend_id: "r1" });
    const [row] = await resend(studentId);
    expect(row?.["id"]).toBeGreaterThan(first?.id ?? 0);
    const second = (await drainer.claim())[0]?.id ?? 0;
    const intent = await drainer.intend(second);
    expect(await drainer.press(intent?.linkToken ?? "")).toMatchObject({ outcome: "granted" });
  });

  test("names a student that is not there", async () => {
    expect((await errorOf(resend("99999999-9999-4999-8999-999999999999"))).message).toContain("no student");
  });
});

test("amocrm_cancel takes a mail out by its id", async () => {
  const [row] = await mailMessages(sql);
  await sql`select amocrm_cancel(${row?.id ?? 0})`;
  expect((await mailMessages(sql))[0]).toMatchObject({ state: "cancelled" });
  expect(await sql`select state from amocrm.mail_state(${studentId})`).toEqual([{ state: "cancelled" }]);
});
