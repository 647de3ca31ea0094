import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { entrySteps, insertFollowedLead, writeSequence } from "../support/followups.ts";
import { type MailOffice, openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;

const quietEnd = async (
  at: string,
  zone: string,
  from: string | null = "21:00",
  until: string | null = "09:00",
) => {
  const [row] = await sql`select amocrm.quiet_ends(${at}, ${zone}, ${from}, ${until}) as ends`;
  return row?.["ends"]?.toISOString() ?? null;
};

describe("quiet hours", () => {
  test.each([
    ["evening", "2026-05-05T16:30Z", "Asia/Almaty", "2026-05-06T04:00:00.000Z"],
    ["early morning", "2026-05-05T20:30Z", "Asia/Almaty", "2026-05-06T04:00:00.000Z"],
    ["noon", "2026-05-05T07:00Z", "Asia/Almaty", null],
    ["the last quiet second", "2026-05-06T03:59:59Z", "Asia/Almaty", "2026-05-06T04:00:00.000Z"],
    ["the first loud second", "2026-05-06T04:00:00Z", "Asia/Almaty", null],
    // Almaty has been UTC+5 since March 2024, and was UTC+6 before.
    ["Almaty before its change", "2024-02-28T15:30Z", "Asia/Almaty", "2024-02-29T03:00:00.000Z"],
    // The night with 23 hours and the one with 25: the end is nine by the clock on the wall.
    ["the night that loses an hour", "2026-03-28T21:00Z", "Europe/Berlin", "2026-03-29T07:00:00.000Z"],
    ["the night that has one more", "2026-10-24T21:00Z", "Europe/Berlin", "2026-10-25T08:00:00.000Z"],
  ])("end in the person's own morning: %s", async (_name, at, zone, expected) => {
    expect(await quietEnd(at, zone)).toBe(expected);
  });

  test("end at an hour that does not exist as soon as there is one, and at one that comes twice no later than its second time", async () => {
    expect(await quietEnd("2026-03-29T00:30Z", "Europe/Berlin", "21:00", "02:30")).toBe(
      "2026-03-29T01:30:00.000Z",
    );
    expect(await quietEnd("2026-10-25T00:10Z", "Europe/Berlin", "21:00", "02:30")).toBe(
      "2026-10-25T01:30:00.000Z",
    );
    // By the clock on the wall half past two has struck once, and has not yet for the second time.
    expect(await quietEnd("2026-10-25T00:45Z", "Europe/Berlin", "21:00", "02:30")).toBe(null);
    expect(await quietEnd("2026-10-25T01:15Z", "Europe/Berlin", "21:00", "02:30")).toBe(
      "2026-10-25T01:30:00.000Z",
    );
  });

  test("are none without both ends, or with both the same", async () => {
    expect(await quietEnd("2026-05-05T20:00Z", "Asia/Almaty", null)).toBe(null);
    expect(await quietEnd("2026-05-05T20:00Z", "Asia/Almaty", "09:00", "09:00")).toBe(null);
  });
});

describe("when a step is due", () => {
  const due = async (at: string, minutes: number, zone: string): Promise<string> => {
    const [row] =
      await sql`select amocrm.due_at(amocrm.due_local(${at}, ${minutes}, ${zone}), ${minutes}, ${zone}) as due`;
    return row?.["due"].toISOString();
  };
  test.each([
    [
      "a day keeps the hour over the night that loses one",
      "2026-03-28T11:00Z",
      1440,
      "Europe/Berlin",
      "2026-03-29T10:00:00.000Z",
    ],
    [
      "and over the one that has one more",
      "2026-10-24T10:00Z",
      1440,
      "Europe/Berlin",
      "2026-10-25T11:00:00.000Z",
    ],
    ["an hour is an hour", "2026-03-29T00:30Z", 60, "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
    [
      "an hour that does not exist moves forward",
      "2026-03-28T01:30Z",
      1440,
      "Europe/Berlin",
      "2026-03-29T01:30:00.000Z",
    ],
    ["days and minutes", "2026-05-05T05:00Z", 1450, "Asia/Almaty", "2026-05-06T05:10:00.000Z"],
  ])("%s", async (_name, at, minutes, zone, expected) => {
    expect(await due(at, minutes, zone)).toBe(expected);
  });
});

test("a person's zone is the own one, that of the form, the phone's country, else the school's", async () => {
  const zone = async (lead: { phone?: string; metadata?: object }, own?: string) => {
    const id = await insertFollowedLead(sql, lead);
    if (own !== undefined) await sql`update unified_lead_tracking set time_zone = ${own} where id = ${id}`;
    const [row] =
      await sql`select amocrm.zone_of(id, null, phone) as zone from unified_lead_tracking where id = ${id}`;
    return row?.["zone"];
  };
  expect(await zone({})).toBe("Asia/Almaty");
  expect(await zone({ phone: "+4915112345678" })).toBe("Europe/Berlin");
  expect(await zone({ phone: "+77011112233" })).toBe("Asia/Almaty");
  expect(await zone({ phone: "+4915112345678", metadata: { time_zone: "Asia/Omsk" } })).toBe("Asia/Omsk");
  expect(await zone({ metadata: { time_zone: "'; drop" } })).toBe("Asia/Almaty");
  expect(await zone({ phone: "+4915112345678" }, "Europe/Moscow")).toBe("Europe/Moscow");
  expect(await zone({ phone: "+4915112345678" }, "+05")).toBe("Europe/Berlin");
});

describe("over a night", () => {
  let office: MailOffice;
  beforeEach(async () => {
    await configureVault(database.connect({ user: "supabase_admin" }));
    office = await openMailOffice(database);
  });
  const departures = async () =>
    (await entrySteps(sql)).map(({ departed_at }) => departed_at?.toISOString() ?? null);

  test("a step is held until the morning of its recipient, and then it goes", async () => {
    await writeSequence(sql, [{ step: "first", delay_minutes: 600 }]);
    // Noon in UTC is five in the afternoon in Almaty: ten hours later it is three in the night.
    await insertFollowedLead(sql);
    await insertFollowedLead(sql, { email: "dubai@example.com", phone: "+971501234567" });
    await office.pass(11 * HOUR_MS, 30 * MINUTE_MS);
    await setTestClock(new Date(office.nowMs()), sql);
    const plan =
      await sql`select expected_at, reason, time_zone from followup_plan(p_email => 'dubai@example.com')`;
    expect(plan).toEqual([
      { expected_at: new Date("2031-05-06T05:00:00Z"), reason: "quiet_hours", time_zone: "Asia/Dubai" },
    ]);
    await office.pass(8 * HOUR_MS, 10 * MINUTE_MS);
    expect(await departures()).toEqual(["2031-05-06T04:00:00.000Z", "2031-05-06T05:00:00.000Z"]);
  });

  const days = async () =>
    (
      await sql`select coalesce((departed_at at time zone 'Asia/Almaty')::date::text, reason) as day
        from amocrm.followup_entry_steps order by departed_at nulls last`
    ).map(({ day }) => day);

  test("the caps of a day and of seven days hold further steps, over all sequences", async () => {
    const steps = [0, 1, 2].map((index) => ({ step: `s${index}`, delay_minutes: index * 10 }));
    await writeSequence(sql, steps);
    await writeSequence(sql, [{ sequence: "other", step: "o" }]);
    await insertFollowedLead(sql);
    await office.pass(8 * DAY_MS, 6 * HOUR_MS);
    expect(await days()).toEqual(["2031-05-05", "2031-05-06", "2031-05-07", "2031-05-12"]);
  });

  test("a mail in doubt that is repeated the next morning is that day's for the caps", async () => {
    await writeSequence(sql, [
      { step: "evening", delay_minutes: 235 },
      { step: "morning", delay_minutes: 990 },
    ]);
    await insertFollowedLead(sql);
    await office.pass(230 * MINUTE_MS, 10 * MINUTE_MS);
    office.weather = "silent";
    await office.pass(10 * MINUTE_MS);
    office.weather = "fine";
    await office.pass(2 * DAY_MS, 10 * MINUTE_MS);
    expect(await days()).toEqual(["2031-05-06", "2031-05-07"]);
  });

  test("a step that a cap held for more than seven days is skipped with that reason", async () => {
    await sql`update message_settings set weekly_cap = 1`;
    await writeSequence(
      sql,
      [0, 1, 2, 3].map((index) => ({ step: `s${index}` })),
    );
    await insertFollowedLead(sql);
    await office.pass(15 * DAY_MS, 6 * HOUR_MS);
    expect(await days()).toEqual(["2031-05-05", "2031-05-12", "2031-05-19", "over_cap"]);
  });
});
