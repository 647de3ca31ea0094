import { beforeEach, describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads } from "../support/leads.ts";
import { appendSms, openSmsDrainer, type SmsDrainer, smsMessages } from "../support/sms-drainer.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: SmsDrainer;
const number = (index: number): string => `+7701${String(1000000 + index * 13).padStart(7, "0")}`;
beforeEach(async () => {
  drainer = openSmsDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
});

/** A lead of its own for each number, and an SMS to it. */
async function sendTo(...phones: string[]): Promise<number[]> {
  const leads = await insertLeads(
    sql,
    phones.map((phone) => ({ full_name: "Асель", phone })),
  );
  const ids: number[] = [];
  for (const [index, phone] of phones.entries()) ids.push(await appendSms(sql, leads[index] ?? "", phone));
  return ids;
}

const states = async (): Promise<string[]> => (await smsMessages(sql)).map(({ state }) => state);
const codes = async (): Promise<(string | null)[]> =>
  (await smsMessages(sql)).map((row) => row.last_error_code);
const incidents = async (): Promise<string[]> =>
  (await sql`select code from amocrm.sms_conditions()`).map((row) => row["code"]);

describe("append_sms", () => {
  test("appends to a queue of its own, which message_outbox shows beside the mails", async () => {
    const [lead = ""] = await insertLeads(sql, [{ phone: number(1) }]);
    const id = await appendSms(sql, lead, "8 701 100 00 13");
    expect(await sql`select id, queue, kind, subject_id, phone_key, email_key from message_outbox`).toEqual([
      { id, queue: "sms", kind: "lead.sms", subject_id: lead, phone_key: "+77011000013", email_key: null },
    ]);
  });

  test("makes one SMS of one key, however often it is called", async () => {
    const [lead = ""] = await insertLeads(sql, [{ phone: number(1) }]);
    const first = await appendSms(sql, lead, number(1), { key: "entry 7, step 2" });
    expect(await appendSms(sql, lead, number(1), { key: "entry 7, step 2" })).toBe(first);
    expect(await appendSms(sql, lead, number(1), { key: "entry 7, step 3" })).not.toBe(first);
    expect(await states()).toEqual(["pending", "pending"]);
  });

  test("refuses what is no number, without repeating it", async () => {
    await expect(appendSms(sql, crypto.randomUUID(), "12 34")).rejects.toThrow(
      "p_phone is not a phone number",
    );
  });
});

describe("a claim", () => {
  test("tells text, number, campaign and the lead as it is now", async () => {
    const [id] = await sendTo(number(1));
    await sql`update unified_lead_tracking set full_name = 'Әсел'`;
    await drainer.begin();
    expect(await drainer.claim()).toMatchObject([
      {
        id,
        phone: number(1),
        payload: { text: "Здравствуйте" },
        isInDoubt: false,
        subject: { fullName: "Әсел" },
      },
    ]);
  });

  test("takes SMS to one number one at a time, and holds up no other number", async () => {
    const [first, second, other] = await sendTo(number(1), number(1), number(2));
    await drainer.begin();
    expect((await drainer.claim()).map(({ id }) => id)).toEqual([first, other]);
    await drainer.settle({ id: first, verdict: "delivered", mobizon_id: "1" });
    expect((await drainer.claim()).map(({ id }) => id)).toEqual([second]);
  });
});

describe("an SMS whose answer was lost", () => {
  const lost = async (): Promise<number> => {
    const [id = 0] = await sendTo(number(1));
    await drainer.begin();
    await drainer.claim();
    await drainer.intend(id);
    await drainer.settle({ id, verdict: "uncertain", code: "timeout", policy: "timeout", is_sent: true });
    return id;
  };

  test("is uncertain, and is not given out to be sent again, whoever asks", async () => {
    const id = await lost();
    expect(await states()).toEqual(["uncertain"]);
    await setTestClock(noonPlus(MINUTE_MS), sql, drainer.sql);
    await drainer.begin();
    expect(await drainer.claim()).toMatchObject([{ id, isInDoubt: true }]);
    expect(await drainer.intend(id)).toBeNull();
  });

  test("is uncertain also if the worker died, and neither gate nor bound takes it out", async () => {
    const [id = 0] = await sendTo(number(1));
    await drainer.begin();
    await drainer.claim();
    await drainer.intend(id);
    await drainer.end();
    await sql`update message_settings set sms_per_hour = 0, sms_countries = '{+380}'`;
    await sql`delete from unified_lead_tracking`;
    await setTestClock(noonPlus(10 * MINUTE_MS), sql, drainer.sql);
    await drainer.begin();
    expect(await drainer.claim()).toMatchObject([{ id, isInDoubt: true }]);
  });

  test("that is nowhere to be found is dead and shown, and is looked for again when it is requeued", async () => {
    const id = await lost();
    await setTestClock(noonPlus(MINUTE_MS), sql, drainer.sql);
    await drainer.begin();
    await drainer.claim();
    await drainer.settle({
      id,
      verdict: "uncertain",
      policy: "look_unclear",
      is_sent: false,
      code: "sms_outcome_unknown",
      progress: { lookCount: 3 },
    });
    expect(await sql`select id, error_code, remedy from sms_dead_letters`).toMatchObject([
      { id, error_code: "sms_outcome_unknown", remedy: expect.stringContaining(`sms_send_again(${id})`) },
    ]);
    await sql`select amocrm_requeue(${id})`;
    expect(await drainer.claim()).toMatchObject([{ id, isInDoubt: true, lookCount: 3 }]);
  });

  test("is sent once more on a person's word only, under another campaign's name", async () => {
    const id = await lost();
    await expect(sql`select sms_send_again(${id})`).rejects.toThrow("no SMS that was looked for in vain");
    await setTestClock(noonPlus(MINUTE_MS), sql, drainer.sql);
    await drainer.begin();
    const [inDoubt] = await drainer.claim();
    await drainer.settle({
      id,
      verdict: "uncertain",
      policy: "look_unclear",
      is_sent: false,
      code: "sms_outcome_unknown",
    });
    await sql`select sms_send_again(${id})`;
    expect(await drainer.claim()).toMatchObject([{ id, isInDoubt: false, lookCount: 0 }]);
    const name = await drainer.intend(id);
    expect(name).toMatch(/^sb-\d+\.2-[0-9a-f]{8}$/);
    expect(name).not.toBe(inDoubt?.campaign);
  });
});

describe("the bounds", () => {
  test("hold what goes beyond the hour's sum, with one alert, until a person releases it", async () => {
    await sql`update message_settings set sms_per_hour = 3`;
    await sendTo(...Array.from({ length: 8 }, (_, index) => number(index)));
    await drainer.begin();
    expect(await drainer.sendAll()).toHaveLength(3);
    expect((await codes()).filter((code) => code === "sms_held")).toHaveLength(5);
    expect(await incidents()).toEqual(["sms_held"]);
    // Not even when the hour is over.
    await setTestClock(noonPlus(2 * HOUR_MS), sql, drainer.sql);
    await drainer.begin();
    expect(await drainer.sendAll()).toEqual([]);
    expect(await sql`select sms_release() as count`).toEqual([{ count: 5 }]);
    expect(await drainer.sendAll()).toHaveLength(5);
    expect(await incidents()).toEqual([]);
  });

  test("let others go an hour later, and count by the day as well", async () => {
    await sql`update message_settings set sms_per_hour = 2, sms_per_day = 3`;
    await sendTo(number(1), number(2));
    await drainer.begin();
    expect(await drainer.sendAll()).toHaveLength(2);
    await setTestClock(noonPlus(61 * MINUTE_MS), sql, drainer.sql);
    await sendTo(number(3), number(4));
    await drainer.begin();
    expect(await drainer.sendAll()).toEqual([number(3)]);
    expect((await codes()).at(-1)).toBe("sms_held");
  });

  test("hold numbers abroad, which a release lets go one by one or cancels", async () => {
    const [, abroad = 0, further] = await sendTo(number(1), "+380671234567", "+4915112345678");
    await drainer.begin();
    expect(await drainer.sendAll()).toEqual([number(1)]);
    expect(await sql`select message_id from sms_held order by 1`).toEqual([
      { message_id: abroad },
      { message_id: further },
    ]);
    await sql`select sms_release(${abroad})`;
    expect(await drainer.sendAll()).toEqual(["+380671234567"]);
    await sql`select sms_release(null, true)`;
    expect(await states()).toEqual(["delivered", "delivered", "cancelled"]);
  });

  test("count no SMS that was certainly not sent", async () => {
    await sql`update message_settings set sms_per_hour = 1`;
    const [id] = await sendTo(number(1));
    await drainer.begin();
    await drainer.claim();
    await drainer.intend(id ?? 0);
    await drainer.settle({
      id,
      verdict: "rejected",
      code: "sms_refused",
      policy: "sms_refused",
      is_sent: true,
    });
    await sendTo(number(2));
    expect(await drainer.sendAll()).toEqual([number(2)]);
  });
});

describe("the open form", () => {
  test("gets no SMS sent to a lead that is quarantined or deleted", async () => {
    await sendTo(number(1), number(2), number(3));
    await sql`insert into amocrm.quarantined_leads (lead_id, reason) select id, 'captcha' from unified_lead_tracking where phone = ${number(1)}`;
    await sql`delete from unified_lead_tracking where phone = ${number(2)}`;
    await drainer.begin();
    expect(await drainer.sendAll()).toEqual([number(3)]);
    expect(await codes()).toEqual(["quarantined", "lead_gone", null]);
    expect(await states()).toEqual(["superseded", "superseded", "delivered"]);
  });

  test("makes a lead of a running flood wait until it is over, and no other lead", async () => {
    await sendTo(number(1), number(2));
    await sql`update unified_lead_tracking set created_at = amocrm.clock() - interval '1 day' where phone = ${number(2)}`;
    const [flooding] = await insertLeads(sql, [{ phone: number(3) }]);
    await sql`insert into amocrm.quarantined_leads (lead_id, reason) values (${flooding ?? null}, 'flood')`;
    await drainer.begin();
    expect(await drainer.sendAll()).toEqual([number(2)]);
    expect((await codes())[0]).toBe("flood");
    await setTestClock(noonPlus(HOUR_MS), sql, drainer.sql);
    await drainer.begin();
    expect(await drainer.sendAll()).toEqual([number(1)]);
  });
});

test("forgetting a person takes text and number away, and the key stays", async () => {
  const [lead = ""] = await insertLeads(sql, [{ phone: number(1) }]);
  const id = await appendSms(sql, lead, number(1), { key: "once" });
  await drainer.begin();
  await drainer.claim();
  await drainer.intend(id, "Асель, добрый день");
  await drainer.settle({ id, verdict: "retry", code: "slot_refused", is_sent: false });
  await sql`select amocrm_forget(null, ${number(1)})`;
  const rows = await sql`select * from amocrm.sms join message_outbox on message_outbox.id = sms.message_id`;
  expect(JSON.stringify(rows)).not.toMatch(/Асель|Здравствуйте|7011000013/);
  expect(await appendSms(sql, lead, number(1), { key: "once" })).toBe(id);
  expect(await states()).toEqual(["cancelled"]);
});

test("message_pause stops mail, SMS or both", async () => {
  const paused = async (): Promise<string[]> =>
    (await sql`select queue from amocrm.queue_control where paused_at is not null order by 1`).map(
      (row) => row["queue"],
    );
  await sql`select message_pause('a mistake in the text')`;
  expect(await paused()).toEqual(["message", "sms"]);
  await sql`select message_resume('message')`;
  expect(await paused()).toEqual(["sms"]);
  expect(await drainer.begin()).toBe("paused");
  await sql`select message_resume()`;
  expect(await paused()).toEqual([]);
  await expect(sql`select message_pause('why', 'fax')`).rejects.toThrow(
    'p_queue is "fax", must be message, sms or unisender',
  );
});
