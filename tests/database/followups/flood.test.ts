import { expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertFollowedLead, writeSequence } from "../support/followups.ts";
import { openMessageTown } from "../support/message-town.ts";
import { openDataApi } from "../support/roles.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
const FLOOD = sized(600, 5000);
/** In the gate all limits are so many times smaller. */
const SCALE = 5000 / FLOOD;
/** Eight in the morning of UTC is one in the afternoon of Almaty: nobody's night. */
const at = (ms: number) => noonPlus(ms - 4 * HOUR_MS);

interface Visitor {
  email: string;
  phone: string;
}

/** Somebody fills in the form, agrees, and is told nothing of what becomes of it. */
const visit = (leads: Visitor[], address: string, ms: number) =>
  runAs({ role: "anon" }, async (session) => {
    await session`select set_config('request.headers', ${JSON.stringify({ "cf-connecting-ip": address })}, true),
      set_config('amocrm.test_clock', ${at(ms).toISOString()}, true)`;
    await session`insert into unified_lead_tracking (full_name, email, phone, source, consent_at)
      select 'Someone', email, phone, 'landing', ${at(ms)} from jsonb_to_recordset(${JSON.stringify(leads)}::text::jsonb) as lead (email text, phone text)`;
  });

/** What a robot does: three in a request, until that is no longer taken. */
async function rob(leads: Visitor[], address: string, ms: number): Promise<void> {
  const outcome = await visit(leads, address, ms).catch((error: Error) => error.message);
  if (outcome === undefined) return;
  if (!String(outcome).includes("one_lead_at_a_time")) throw new Error(String(outcome));
  for (const lead of leads) await visit([lead], address, ms);
}

/** Each fourth of the flood is abroad, where an SMS costs most. */
const ofFlood = (index: number): Visitor => ({
  email: `flood${index}@example.com`,
  phone:
    index % 4 === 0
      ? `+44770090${String(1000 + index).padStart(4, "0")}`
      : `+7705${String(1_000_000 + index)}`,
});
const real = (name: string, index: number): Visitor => ({
  email: `${name}${index}@example.com`,
  phone: `+7701${name === "early" ? 1 : name === "late" ? 2 : 3}${String(100_000 + index)}`,
});

test(`${FLOOD} leads of a flood with consent cost no SMS beyond the sums, none abroad and none for quarantined ones, and real people get theirs in time`, {
  timeout: 1_800_000,
}, async () => {
  await configureVault(database.connect({ user: "supabase_admin" }));
  await setTestClock(at(0), sql);
  await writeSequence(sql, [{ step: "hello", channel: "sms" }]);
  const sums = { hour: Math.round(200 / SCALE), day: Math.round(1000 / SCALE) };
  await sql`update message_settings set sms_per_hour = ${sums.hour}, sms_per_day = ${sums.day}`;
  await sql`update amocrm_form_limits set total_count = round(200 / ${SCALE}::numeric), flood_count = round(500 / ${SCALE}::numeric)`;
  const town = await openMessageTown(database, { seed: 5, start: at(0), tickMs: MINUTE_MS });
  // Known since three days: whoever floods the form does not keep them waiting.
  for (let index = 0; index < 5; index += 1)
    await insertFollowedLead(sql, { ...real("known", index), createdAt: at(-3 * DAY_MS) });
  for (let index = 0; index < 5; index += 1) await visit([real("early", index)], `198.51.100.${index}`, 0);
  await town.pass(5 * MINUTE_MS);

  // Ten minutes of it, three in a request, each from a network of its own.
  const ROUNDS = 10;
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = (5 + round) * MINUTE_MS;
    const share = Math.ceil(FLOOD / ROUNDS);
    if (round === 0)
      for (let index = 0; index < 5; index += 1)
        await visit([real("known", index)], `198.51.101.${index}`, now);
    for (let index = round * share; index < Math.min(FLOOD, (round + 1) * share); index += 3)
      await rob(
        [0, 1, 2].map((next) => ofFlood(index + next)),
        `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
        now,
      );
    await town.pass(MINUTE_MS);
  }
  const quarantined =
    await sql`select phone from unified_lead_tracking join amocrm.quarantined_leads on lead_id = id`;
  expect(quarantined.length).toBeGreaterThan(FLOOD / 2);
  await town.pass(45 * MINUTE_MS);
  for (let index = 0; index < 5; index += 1)
    await visit([real("late", index)], `198.51.102.${index}`, 60 * MINUTE_MS);
  await town.pass(4 * HOUR_MS);

  const sms = town.mobizon.sms();
  const numbers = sms.map(({ to }) => `+${to}`);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.filter((number) => !number.startsWith("+7"))).toEqual([]);
  const held = new Set(quarantined.map(({ phone }) => phone));
  expect(numbers.filter((number) => held.has(number) && !number.startsWith("+7701"))).toEqual([]);
  for (const { acceptedAtMs: from } of sms) {
    const within = (ms: number) =>
      sms.filter(({ acceptedAtMs }) => acceptedAtMs >= from && acceptedAtMs < from + ms).length;
    expect(within(HOUR_MS)).toBeLessThanOrEqual(sums.hour);
    expect(within(DAY_MS)).toBeLessThanOrEqual(sums.day);
  }
  const sentAt = (visitor: Visitor) =>
    sms.find(({ to }) => `+${to}` === visitor.phone)?.acceptedAtMs ?? Number.NaN;
  const minutes = (name: string, cameMs: number) =>
    [0, 1, 2, 3, 4].map((index) => (sentAt(real(name, index)) - at(cameMs).getTime()) / MINUTE_MS);
  const waited = {
    early: minutes("early", 0),
    known: minutes("known", 5 * MINUTE_MS),
    late: minutes("late", 60 * MINUTE_MS),
  };
  expect(Math.max(...waited.early), JSON.stringify(waited)).toBeLessThan(5);
  expect(Math.max(...waited.known, ...waited.late), JSON.stringify(waited)).toBeLessThan(30);
  // What slipped in before the flood was noticed has half of the sums, and the other half stays for people.
  const slipped = sms.filter(({ to }) => to.startsWith("7705"));
  expect(slipped.length).toBeGreaterThan(0);
  if (SCALE === 1)
    console.info(
      `${sms.length} SMS, ${slipped.length} of them to the flood, ${quarantined.length} quarantined`,
    );
});
