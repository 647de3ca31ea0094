import fs from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads } from "../support/leads.ts";
import { appendSms, smsMessages } from "../support/sms-drainer.ts";
import { openSmsOffice, type SmsOffice } from "../support/sms-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let office: SmsOffice;
beforeEach(async () => {
  await configureVault(superuser);
  office = await openSmsOffice(database);
});

const PHONE = "+77021000037";
async function send(text = "Асель, урок ждёт"): Promise<number> {
  const [lead = ""] = await insertLeads(sql, [{ phone: PHONE }]);
  return await appendSms(sql, lead, PHONE, { text });
}
const row = async () => (await smsMessages(sql))[0];
const overview = async () =>
  (await sql`select state, outcome, part_count, is_moderated from sms_overview`)[0];

test("the welcome by SMS of docs/areas/follow-ups.md goes to a new student, once and without a consent", async () => {
  const page = fs.readFileSync(path.join(import.meta.dirname, "../../../docs/areas/follow-ups.md"), "utf8");
  const example = /## The welcome by SMS[\s\S]*?```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  expect(example).toContain("welcome-sms");
  await sql.unsafe(example);
  await sql`insert into tripwire_users (full_name, email, phone) values ('Асель Ким', 'asel@example.kz', ${PHONE})`;
  await office.pass(5 * MINUTE_MS);
  expect(office.mobizon.sms().map(({ to, text }) => [to, text])).toEqual([
    ["77021000037", expect.stringMatching(/^Асель Ким, вы зачислены! Вход: http\S+\/[a-z0-9]{10}$/)],
  ]);
  expect(await sql`select kind, state, outcome from sms_overview`).toEqual([
    { kind: "student.sms", state: "delivered", outcome: "sent" },
  ]);
});

describe("an SMS", () => {
  test("goes out once, is asked about until its report is final, and then nothing is called any more", async () => {
    await send();
    await office.pass(30 * SECOND_MS);
    const [sms] = office.mobizon.sms();
    expect(sms).toMatchObject({
      to: "77021000037",
      text: "Асель, урок ждёт",
      name: expect.stringMatching(/^sb-\d+\.1-/),
    });
    expect(await overview()).toMatchObject({ state: "delivered", outcome: "sent", part_count: 1 });
    await office.pass(4 * MINUTE_MS);
    office.mobizon.report(sms?.id ?? "", "DELIVRD");
    await office.pass(HOUR_MS, MINUTE_MS);
    expect(await overview()).toMatchObject({ outcome: "delivered" });
    const calls = office.callCount();
    await office.pass(2 * HOUR_MS, MINUTE_MS);
    expect(office.callCount()).toBe(calls);
    expect(office.mobizon.requestCount("message/sendSmsMessage")).toBe(1);
    // Neither key nor number nor text is in the log, and the text is kept no longer.
    expect(office.log.join()).not.toMatch(/7702|урок|apiKey/);
    expect(office.log.join()).not.toContain(office.mobizon.apiKey);
    expect(await sql`select body from amocrm.sms`).toEqual([{ body: null }]);
  });

  test("is asked about at once when the webhook hints at it, each event once", async () => {
    await send();
    await office.pass(30 * SECOND_MS);
    const { id = "" } = office.mobizon.sms()[0] ?? {};
    office.mobizon.report(id, "UNDELIV");
    const hint = async (event: string, message: string): Promise<string> =>
      (await sql`select sms_record_hint(${event}, ${message}) as outcome`)[0]?.["outcome"];
    expect(await hint("26", id)).toBe("recorded");
    expect(await hint("26", id)).toBe("repeated");
    expect(await hint("27", "999")).toBe("unknown");
    await office.pass(20 * SECOND_MS);
    expect(await overview()).toMatchObject({ outcome: "undelivered" });
  });

  test("that a moderator has, or whose status has a word that we do not know, is shown so", async () => {
    office.mobizon.moderate(true);
    await send();
    await office.pass(30 * SECOND_MS);
    expect(await overview()).toMatchObject({ outcome: "sent", is_moderated: true });
    office.mobizon.report(office.mobizon.sms()[0]?.id ?? "", "BRANDNEW");
    await office.pass(3 * MINUTE_MS);
    expect(await sql`select status, outcome from amocrm.sms`).toEqual([
      { status: "BRANDNEW", outcome: "sent" },
    ]);
  });

  test("that a moderator declines is shown in words, told by the notice, and never sent again", async () => {
    office.mobizon.moderate(true);
    const id = await send();
    await office.pass(30 * SECOND_MS);
    office.mobizon.report(office.mobizon.sms()[0]?.id ?? "", "REJECTD");
    await office.pass(3 * HOUR_MS, MINUTE_MS);
    expect(await overview()).toMatchObject({ state: "delivered", outcome: "rejected", is_moderated: true });
    expect(office.mobizon.requestCount("message/sendSmsMessage")).toBe(1);
    const notice = async () =>
      (await sql`select amocrm.sms_notice() as said, amocrm_in_russian(amocrm.sms_notice()) as russian`)[0];
    expect(await notice()).toEqual({
      said: expect.stringContaining("a moderator or an operator declined SMS: 1."),
      russian: expect.stringContaining("модератор или оператор отклонил SMS: 1."),
    });
    await expect(sql`select amocrm_requeue(${id})`).rejects.toThrow("can be requeued");
    await expect(sql`select sms_send_again(${id})`).rejects.toThrow("is no SMS that was looked for");
    await office.pass(DAY_MS, HOUR_MS);
    expect(await notice()).toEqual({ said: null, russian: null });
  });

  test.each([
    ["done", "delivered", 1],
    ["declined", "dead", 0],
  ] as const)("that became a task which ends %s is %s", async (state, end, count) => {
    office.mobizon.fail({ kind: "code", code: 30 }, { kind: "task", state });
    await send();
    await office.pass(5 * MINUTE_MS);
    expect(await row()).toMatchObject({ state: end });
    expect(office.mobizon.sms()).toHaveLength(count);
  });

  test("of too many parts costs nothing", async () => {
    await send("я".repeat(202));
    await office.pass(30 * SECOND_MS);
    expect(await row()).toMatchObject({ state: "dead", last_error_code: "sms_too_long" });
    expect(office.mobizon.requestCount("message/sendSmsMessage")).toBe(0);
    expect(await overview()).toMatchObject({ part_count: 4 });
  });

  test.each([
    [{ kind: "code", code: 8 }, "sms_unauthorized"],
    [{ kind: "page", status: 404 }, "sms_wrong_address"],
    [{ kind: "code", code: 1, data: { from: ["no"] } }, "sms_sender_refused"],
  ] as const)("waits while the account is in the way: %j, %s", async (fault, code) => {
    office.mobizon.failBy((method) => (method === "message/sendsmsmessage" ? fault : undefined));
    await send();
    await office.pass(3 * MINUTE_MS);
    expect(await row()).toMatchObject({ state: "pending" });
    expect(await sql`select verdict, breaker_code from sms_health`).toEqual([
      { verdict: "blocked", breaker_code: code },
    ]);
    office.mobizon.failBy(undefined);
    await office.pass(6 * MINUTE_MS);
    expect(await row()).toMatchObject({ state: "delivered" });
    expect(office.mobizon.sms()).toHaveLength(1);
  });

  test("waits for money, with an alert before it is gone", async () => {
    office.mobizon.setBalance(500);
    await send();
    await office.pass(30 * SECOND_MS);
    expect(await sql`select code from amocrm.sms_conditions()`).toEqual([{ code: "sms_balance_low" }]);
    office.mobizon.setBalance(0);
    await office.pass(20 * MINUTE_MS, MINUTE_MS);
    await send();
    await office.pass(5 * MINUTE_MS);
    expect(await sql`select breaker_code from sms_health`).toEqual([{ breaker_code: "sms_no_money" }]);
    office.mobizon.setBalance(5000);
    await office.pass(30 * MINUTE_MS, MINUTE_MS);
    expect(office.mobizon.sms()).toHaveLength(2);
    expect(await sql`select code from amocrm.sms_conditions()`).toEqual([]);
  });
});
