import { expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertFollowedLead, writeSequence } from "../support/followups.ts";
import { openMailDrainer } from "../support/mail-drainer.ts";
import { openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const LEADS = sized(24, 5000);
const ZONES = ["Asia/Almaty", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "UTC"];

/** The same numbers at each run, so that a failure can be looked at again. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

test(`${LEADS} leads go through three steps under crashes, lost answers, two senders and an outage: each step once or with a named reason, in nobody's night, within the caps`, async () => {
  await configureVault(database.connect({ user: "supabase_admin" }));
  const office = await openMailOffice(database);
  const second = await openMailOffice(database, { resend: office.resend });
  const random = dice(7);
  await writeSequence(sql, [
    { step: "first" },
    { step: "second", channel: "sms", delay_minutes: 10 },
    { step: "third", delay_minutes: 1440 },
  ]);
  await sql`update message_settings set sms_per_hour = 100000, sms_per_day = 1000000`;
  const sendSms = async () => {
    await setTestClock(new Date(office.nowMs()), sql);
    const token = crypto.randomUUID();
    if (
      (await sql`select sms_drain_begin(${token}, 'ref.supabase.co') as outcome`)[0]?.["outcome"] !==
      "granted"
    )
      return;
    for (;;) {
      const [row] = await sql`select sms_drain_claim(${token}, 50) as claim`;
      const claimed: { id: number }[] = row?.["claim"].messages ?? [];
      if (claimed.length === 0) break;
      for (const { id } of claimed) {
        const [intent] = await sql`select sms_drain_intend(${token}, ${id}, 'Hello') as campaign`;
        if (intent?.["campaign"] === null) continue;
        await sql`select sms_drain_settle(${token}, ${JSON.stringify([{ id, verdict: "delivered" }])}::text::jsonb)`;
      }
    }
    await sql`select outbox_end('sms', ${token})`;
  };
  /** A worker that dies with mails in its hands, some of them asked for. */
  const crash = async () => {
    const drainer = openMailDrainer(database);
    await setTestClock(new Date(office.nowMs()), drainer.sql);
    if ((await drainer.begin()) !== "granted") return;
    const claimed = await drainer.claim(3);
    const [mail] =
      await sql`select message_id as id, recipient from amocrm.followup_entry_steps where message_id = ${claimed[0]?.id ?? 0}`;
    if (mail === undefined) return;
    const body = { from: "School <hello@school.example>", subject: "x", html: "x", text: "x", tags: [] };
    await drainer.intend(mail["id"], { ...body, to: [mail["recipient"]] });
  };
  const both = async (ms: number, tickMs: number) => {
    // By turns, so that a failure can be repeated; which of them holds the lease is the queue's matter and tested there.
    for (let passedMs = 0; passedMs < ms; passedMs += tickMs) {
      await office.pass(tickMs, tickMs);
      await second.pass(tickMs, tickMs);
    }
  };
  for (let index = 0; index < LEADS; index += 1) {
    const metadata = { time_zone: ZONES[index % ZONES.length] };
    await setTestClock(new Date(office.nowMs()), sql);
    await insertFollowedLead(sql, {
      email: `p${index}@example.com`,
      phone: `+7701${String(1_000_000 + index)}`,
      metadata,
    });
  }
  for (let round = 0; round < 12; round += 1) {
    if (random() < 0.6)
      office.resend.fail(
        { kind: "reset", isTaken: random() < 0.5 },
        { kind: "answer", status: 500, name: "application_error" },
      );
    if (random() < 0.4) await crash();
    const weather = round >= 2 && round < 5 ? "down" : "fine";
    office.weather = weather;
    second.weather = weather;
    await both(2 * HOUR_MS, 20 * MINUTE_MS);
    await sendSms();
  }
  for (let round = 0; round < 10; round += 1) {
    await both(6 * HOUR_MS, HOUR_MS);
    await sendSms();
  }
  expect(office.nowMs()).toBeGreaterThan(3 * DAY_MS);

  const steps = await sql`select * from amocrm.followup_entry_steps order by entry_id, due_at`;
  expect(steps).toHaveLength(3 * LEADS);
  const unfinished = steps.filter(
    ({ state, reason }) => state !== "departed" && !(state === "skipped" && reason !== null),
  );
  expect(unfinished).toEqual([]);
  // Not by skipping all of them.
  expect(steps.filter(({ state }) => state === "departed").length).toBeGreaterThan(2 * LEADS);
  // Each message stands for one step, and each was delivered or shows why not.
  const messages =
    await sql`select state, last_error_code, subject_id, payload ->> 'step' as step from amocrm.outbox where payload ? 'entry_id'`;
  expect(new Set(messages.map(({ subject_id, step }) => `${subject_id}/${step}`)).size).toBe(messages.length);
  expect(
    messages.filter(({ state, last_error_code }) => state !== "delivered" && last_error_code === null),
  ).toEqual([]);
  // What Resend took, by recipient: never more than the two mails of the sequence, never two on one local day.
  const taken = new Map<string, number[]>();
  for (const { body, acceptedAtMs } of office.resend.mails()) {
    const to = [body.to].flat()[0] ?? "";
    taken.set(to, [...(taken.get(to) ?? []), acceptedAtMs]);
  }
  const local = (ms: number, zone: string) => new Date(ms).toLocaleString("sv-SE", { timeZone: zone });
  for (let index = 0; index < LEADS; index += 1) {
    const zone = ZONES[index % ZONES.length] ?? "UTC";
    const times = (taken.get(`p${index}@example.com`) ?? []).map((ms) => local(ms, zone));
    expect(times.length).toBeLessThanOrEqual(2);
    expect(new Set(times.map((time) => time.slice(0, 10))).size).toBe(times.length);
    for (const time of times)
      expect(time.slice(11) >= "09:00:00" && time.slice(11) < "21:00:00", `${zone} ${time}`).toBe(true);
  }
  const sms = steps.filter(({ channel, departed_at }) => channel === "sms" && departed_at !== null);
  expect(sms.length).toBeGreaterThan(LEADS / 2);
  for (const { recipient, departed_at } of sms) {
    const zone = ZONES[(Number(recipient.slice(5)) - 1_000_000) % ZONES.length] ?? "UTC";
    const time = local(departed_at.getTime(), zone).slice(11);
    expect(time >= "10:00:00" && time < "20:00:00", `${zone} ${time}`).toBe(true);
  }
});
