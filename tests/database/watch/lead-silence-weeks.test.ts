import { beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "#dev/amocrm-simulator/ports.ts";
import { HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const WEEK_HOURS = 7 * 24;
/** A Monday, so that a week's hours count from its beginning; the history before the eight weeks that are watched is four. */
const MONDAY = noonPlus(-12 * HOUR_MS);
const HISTORY_WEEKS = 4;
const WEEKS = 8;

/** Leads an hour of an ordinary landing: by day, at night, at the week-end. */
function usualRate(hour: number): number {
  const ofDay = hour % 24;
  if (ofDay < 8 || ofDay >= 22) return 0.3;
  return Math.floor(hour / 24) % 7 >= 5 ? 1.5 : 6;
}

/** Moments of leads, at random by hour, in milliseconds after the first Monday. */
function leadsOf(seed: number, factorOf: (hour: number) => number, weeks: number): number[] {
  const next = seededRandom(seed);
  const moments: number[] = [];
  for (let hour = 0; hour < weeks * WEEK_HOURS; hour++) {
    const rate = usualRate(hour) * factorOf(hour);
    // Gaps between leads are exponential, which makes their number a Poisson one.
    for (let at = -Math.log(1 - next()) / rate; at < 1; at += -Math.log(1 - next()) / rate) {
      moments.push(Math.floor((hour + at) * HOUR_MS));
    }
  }
  return moments;
}

async function leadsCame(moments: readonly number[]): Promise<void> {
  const ats = moments.map((ms) => new Date(MONDAY.getTime() + ms).toISOString());
  await superuser`alter table unified_lead_tracking disable trigger amocrm_500_enqueue`;
  await superuser`insert into unified_lead_tracking (email, created_at)
    select 'x@example.com', at from unnest(${ats}::timestamptz[]) as at`;
  await superuser`alter table unified_lead_tracking enable trigger amocrm_500_enqueue`;
}

/** The silences, as they are just before each ends, that would be an alarm. */
async function alarmsIn(moments: readonly number[]): Promise<string[]> {
  const watched = moments.filter((ms) => ms >= HISTORY_WEEKS * WEEK_HOURS * HOUR_MS);
  const alarms: string[] = [];
  for (const [index, endMs] of watched.entries()) {
    const beginMs = watched[index - 1];
    // Shorter ones are looked at by the tests of the rule itself.
    if (beginMs === undefined || endMs - beginMs < HOUR_MS) continue;
    await setTestClock(new Date(MONDAY.getTime() + endMs - 1), superuser);
    // What comes later is there already, and counts for nothing as long as it lies ahead.
    const [silence] = await superuser<{ is_unusual: boolean }[]>`
      select is_unusual from amocrm.lead_silence()`;
    if (silence?.is_unusual) alarms.push(new Date(MONDAY.getTime() + beginMs).toISOString());
  }
  return alarms;
}

beforeEach(async () => {
  await setTestClock(NOON, sql, superuser);
});

describe("eight weeks of a landing with days, nights and week-ends", () => {
  const campaign = (fromHour: number, untilHour: number) => (hour: number) =>
    hour < fromHour ? 1 : hour < untilHour ? 4 : 0.5;
  test.each([
    { name: "are without an alarm", seed: 1, factorOf: () => 1 },
    { name: "are without an alarm at a small landing", seed: 2, factorOf: () => 0.25 },
    { name: "are without an alarm at a large one", seed: 3, factorOf: () => 4 },
    {
      name: "are without an alarm when a campaign of two weeks ends on a Friday morning",
      seed: 4,
      factorOf: campaign(7 * WEEK_HOURS, 8 * WEEK_HOURS + 4 * 24 + 10),
    },
    {
      name: "are without an alarm when a campaign of three weeks ends in a Monday's night",
      seed: 5,
      factorOf: campaign(5 * WEEK_HOURS, 8 * WEEK_HOURS),
    },
  ])("$name", async ({ seed, factorOf }) => {
    const moments = leadsOf(seed, factorOf, HISTORY_WEEKS + WEEKS);
    await leadsCame(moments);
    expect(await alarmsIn(moments)).toEqual([]);
  });

  test.each([
    { name: "an ordinary landing", seed: 6, factor: 1, withinHours: 7 },
    { name: "a busy landing", seed: 7, factor: 4, withinHours: 3 },
  ])("a form that breaks on a Tuesday at ten is an alarm: $name", async ({ seed, factor, withinHours }) => {
    const brokenAtMs = (HISTORY_WEEKS * WEEK_HOURS + 24 + 10) * HOUR_MS;
    await leadsCame(leadsOf(seed, () => factor, HISTORY_WEEKS + 1).filter((ms) => ms < brokenAtMs));
    await setTestClock(new Date(MONDAY.getTime() + brokenAtMs + withinHours * HOUR_MS), superuser);
    expect((await superuser`select is_unusual from amocrm.lead_silence()`)[0]).toEqual({ is_unusual: true });
  });
});
