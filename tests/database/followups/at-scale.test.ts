import { expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { HOUR_MS, MINUTE_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { writeSequence } from "../support/followups.ts";
import { type MessageTown, openMessageTown } from "../support/message-town.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
/** The last three change their clocks in the nights that the test goes through. */
const ZONES = [
  "Asia/Almaty",
  "Asia/Tokyo",
  "UTC",
  "America/St_Johns",
  "Europe/Berlin",
  "Europe/Kyiv",
  "Europe/London",
];
const zoneOf = (index: number): string => ZONES[index % ZONES.length] ?? "UTC";
const emailOf = (index: number): string => `p${index}@example.com`;
const phoneOf = (index: number): string => `+7701${1_000_000 + index}`;

const local = (ms: number, zone: string) => new Date(ms).toLocaleString("sv-SE", { timeZone: zone });

async function writeSteps(): Promise<void> {
  await sql`insert into followup_templates (code, channel, language, subject, body) values
    ('first', 'mail', 'ru', 'first', 'Здравствуйте, {name}!'), ('third', 'mail', 'ru', 'third', 'Здравствуйте, {name}!')`;
  await writeSequence(sql, [
    { step: "first", template_code: "first" },
    { step: "second", channel: "sms", delay_minutes: 10 },
    { step: "third", template_code: "third", delay_minutes: 1440 },
  ]);
}

/** People of many zones within one minute, all of whom agreed. */
const insertPeople = (count: number) => sql`
  insert into unified_lead_tracking (full_name, email, phone, source, metadata, consent_at)
  select 'Әсел', 'p' || n || '@example.com', '+7701' || (1000000 + n), 'landing',
    jsonb_build_object('time_zone', (${ZONES}::text[])[n % ${ZONES.length} + 1]), amocrm.clock()
  from generate_series(0, ${count}::int - 1) as n order by n`;

/** Who got what at which local time, as the providers have it: address, step, zone. */
function taken(town: MessageTown, count: number) {
  const zones = new Map(
    Array.from({ length: count }, (_, index) => [
      [emailOf(index), zoneOf(index)],
      [phoneOf(index).slice(1), zoneOf(index)],
    ]).flat() as [string, string][],
  );
  const mails = town.resend.mails().map(({ body, acceptedAtMs }) => ({
    to: [body.to].flat()[0] ?? "",
    step: body.subject,
    at: acceptedAtMs,
  }));
  const texts = town.mobizon.sms().map(({ to, acceptedAtMs }) => ({ to, step: "second", at: acceptedAtMs }));
  return [...mails, ...texts].map((one) => ({ ...one, local: local(one.at, zones.get(one.to) ?? "UTC") }));
}

const twice = (names: string[]) => names.filter((name, index) => names.indexOf(name) !== index);

test.each([
  // Noon in London before the night in which Europe's clocks go forward, and before the one in which they go back.
  { night: "the short night", start: "2031-03-29T12:00:00Z", seed: 3, count: sized(21, 5000) },
  { night: "the long night", start: "2031-10-25T12:00:00Z", seed: 4, count: sized(21, 500) },
])(
  "$count people go through three steps over $night, under crashes, lost answers, two processes of cron and an outage of six hours: each step once or with a named reason, in nobody's night, within the caps",
  {
    timeout: 7_200_000,
  },
  async ({ start, seed, count }) => {
    const isLarge = count > 100;
    await configureVault(database.connect({ user: "supabase_admin" }));
    const town = await openMessageTown(database, {
      ...{ seed, start: new Date(start), tickMs: isLarge ? MINUTE_MS : 15 * MINUTE_MS },
    });
    await setTestClock(new Date(start), sql);
    await writeSteps();
    await sql`update message_settings set sms_per_hour = 100000, sms_per_day = 1000000, mails_per_hour = 100000`;
    await insertPeople(count);
    town.harshness = { crashes: isLarge ? 0.0005 : 0.006, lostAnswers: 0.05 };
    await town.pass(2 * HOUR_MS);
    town.isOutage = true;
    await town.pass(6 * HOUR_MS);
    town.isOutage = false;
    await town.pass(16 * HOUR_MS);
    town.harshness = {};
    await town.pass(20 * HOUR_MS);

    expect(town.crashCount).toBeGreaterThan(3);
    // The two of them were at it at the same time.
    expect(town.busyCount).toBeGreaterThan(3);
    const got = taken(town, count);
    expect(twice(got.map(({ to, step }) => `${to}/${step}`))).toEqual([]);
    const late = got.filter(({ step, local }) => {
      const hour = local.slice(11);
      return step === "second"
        ? hour < "10:00:00" || hour >= "20:00:00"
        : hour < "09:00:00" || hour >= "21:00:00";
    });
    expect(late).toEqual([]);
    expect(twice(got.map(({ to, local }) => `${to} ${local.slice(0, 10)}`))).toEqual([]);

    const steps =
      await sql`select step.channel, step.recipient, step.step, step.state, step.reason, outbox.state as ended, outbox.last_error_code as code
    from amocrm.followup_entry_steps as step left join amocrm.outbox on outbox.id = step.message_id order by step.entry_id, step.due_at`;
    expect(steps).toHaveLength(3 * count);
    const has = new Set(got.map(({ to, step }) => `${to}/${step}`));
    const outcomes = new Map<string, number>();
    const wrong = steps.filter(({ recipient, step, state, reason, ended, code }) => {
      const isThere = has.has(`${recipient.replace("+", "")}/${step}`);
      const outcome =
        state === "skipped"
          ? `skipped: ${reason}`
          : ended === "delivered"
            ? "delivered"
            : `${ended}: ${code}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (state === "skipped") return reason === null || isThere;
      if (ended === "delivered") return !isThere;
      // Given up in doubt, and shown to a person.
      return !(ended === "dead" && code !== null);
    });
    if (isLarge)
      console.info(
        `${count} people, ${town.crashCount} crashes, ${town.busyCount} times busy:`,
        Object.fromEntries(outcomes),
      );
    expect(wrong).toEqual([]);
    expect(outcomes.get("delivered") ?? 0).toBeGreaterThan(2.8 * count);
  },
);
