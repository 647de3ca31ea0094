import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import { ADMIN, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const runAs = openDataApi(database);
const LEAD = "11111111-1111-4111-8111-111111111111";
beforeEach(async () => {
  await setTestClock(NOON, sql, service);
  await service`insert into link_targets (name, target_url) values ('course', 'https://school.example/course')`;
});

const make = async (parameters: object = {}, days: number | null = 365, name = "course") => {
  const [row] = await service<{ code: string }[]>`select short_link_make(${name}, p_lead_id => ${LEAD},
    p_parameters => ${service.json(parameters as never)}, p_days => ${days}) as code`;
  return row?.code ?? "";
};
const open = async (code: string) => (await service`select link_open(${code}) as link`)[0]?.["link"];
const target = async (url: string, parameters: object): Promise<string> => {
  await service`update link_targets set target_url = ${url} where name = 'course'`;
  const code = await make(parameters);
  return (await open(code)).target_url.replace(code, "CODE");
};

describe("a code", () => {
  test("has ten letters of 31, none twice among thousands, and each letter as often as the others", async () => {
    const codes = await sql<
      { code: string }[]
    >`select amocrm.draw_code() as code from generate_series(1, 5000)`;
    expect(codes.every(({ code }) => /^[2-9a-hjkmnp-z]{10}$/.test(code))).toBe(true);
    expect(new Set(codes.map(({ code }) => code)).size).toBe(5000);
    const counts = new Map<string, number>();
    for (const letter of codes.flatMap(({ code }) => [...code]))
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(31);
    // 50,000 letters make 1613 of each, give or take 40; seven times that happens to nobody.
    for (const count of counts.values()) expect(Math.abs(count - 50_000 / 31)).toBeLessThan(280);
  });

  test("leads where it was made for until it expires, and nowhere if nobody made it", async () => {
    const code = await make({}, 2);
    expect(await open(code)).toEqual({
      target_url: `https://school.example/course?click_id=${code}`,
      is_expired: false,
    });
    await setTestClock(noonPlus(2 * DAY_MS), service);
    expect(await open(code)).toMatchObject({ is_expired: true });
    expect(await open("abcdefghjk")).toBeNull();
    await setTestClock(noonPlus(9000 * DAY_MS), service);
    const [row] =
      await sql`select count(*)::int from short_links where lead_id = ${LEAD} and target_name = 'course'`;
    expect(row).toEqual({ count: 1 });
    const [endless] = await service`select short_link_make('course', p_days => null) as code`;
    expect(await open(endless?.["code"])).toMatchObject({ is_expired: false });
  });
});

describe("parameters", () => {
  test.each([
    ["https://a.example", { utm_source: "mail" }, "https://a.example?click_id=CODE&utm_source=mail"],
    [
      "https://a.example/?b=1#part",
      { utm_source: "mail" },
      "https://a.example/?b=1&click_id=CODE&utm_source=mail#part",
    ],
    [
      "https://a.example/?utm_source=own",
      { utm_source: "mail" },
      "https://a.example/?utm_source=own&click_id=CODE",
    ],
    [
      "https://a.example/?UTM_Source=&click_id=7",
      { utm_source: "mail" },
      "https://a.example/?UTM_Source=&click_id=7",
    ],
    [
      "https://a.example/?xutm_source=1",
      { utm_source: "m" },
      "https://a.example/?xutm_source=1&click_id=CODE&utm_source=m",
    ],
    [
      "https://a.example/#?utm_source=no",
      { utm_source: "m" },
      "https://a.example/?click_id=CODE&utm_source=m#?utm_source=no",
    ],
    [
      "https://a.example/?",
      { utm_campaign: "Весна & лето=1#2" },
      "https://a.example/?click_id=CODE&utm_campaign=%D0%92%D0%B5%D1%81%D0%BD%D0%B0%20%26%20%D0%BB%D0%B5%D1%82%D0%BE%3D1%232",
    ],
    ["https://a.example/?a=1&", { utm_term: "", utm_source: null }, "https://a.example/?a=1&click_id=CODE"],
  ])("are appended if absent: %s %j", async (url, parameters, expected) => {
    expect(await target(url, parameters)).toBe(expected);
  });
});

describe("a target", () => {
  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://a.example",
    "//a.example",
    "/course",
    "https://",
    "https://good.example@evil.example/",
    "https://a.example/\r\nset-cookie: a=b",
    "https://a.example\\@evil.example",
    "https://a.example/ b",
    `https://a.example/${"x".repeat(2000)}`,
    "",
  ])("is refused, in both tables, unless it is http or https: %j", async (url) => {
    expect(await outcomeOf(service`update link_targets set target_url = ${url}`)).toBe("23514");
    expect(await outcomeOf(service`insert into short_links (target_url) values (${url})`)).toBe("23514");
  });

  test.each(["https://a.example", "HTTP://A.example:8080/b?c=d@e#f", "https://школа.рф/курс"])(
    "may be %s",
    async (url) => {
      await service`update link_targets set target_url = ${url} where name = 'course'`;
      const [row] = await service`insert into short_links (target_url) values (${url}) returning code`;
      expect(await open(row?.["code"])).toEqual({ target_url: url, is_expired: false });
    },
  );

  test("is one that stands in link_targets, and what is asked else is refused in words", async () => {
    const error = await errorOf(make({}, 1, "https://evil.example"));
    expect([error.code, error.message]).toEqual(["22023", "link_targets has no row https://evil.example"]);
    expect((await errorOf(make({}, 0))).message).toMatch(/p_days must be between/);
    expect((await errorOf(make({ "a=b&c": "d" }))).message).toMatch(/p_parameters is not an object/);
    expect(await sql`select * from short_links`).toEqual([]);
  });
});

describe("what is kept", () => {
  test("goes after 400 days, the click sooner than a link that still holds", async () => {
    const [endless, short] = [await make({}, null), await make({}, 1)];
    await sql`insert into link_clicks (code, verdict) values (${endless}, 'human'), (${short}, 'human')`;
    await setTestClock(noonPlus(400 * DAY_MS), sql);
    const [early] = await sql`select amocrm.prune_links(1000) as count`;
    expect(early).toEqual({ count: 0 });
    await setTestClock(noonPlus(402 * DAY_MS), sql);
    const [late] = await sql`select amocrm.prune_links(1000) as count`;
    expect(late).toEqual({ count: 3 });
    expect(await sql`select code from short_links`).toEqual([{ code: endless }]);
    expect(await sql`select step from amocrm.upkeep where function = 'amocrm.prune_links'`).toHaveLength(1);
  });

  test("goes with the person, links and clicks, and those of others stay", async () => {
    await sql`insert into unified_lead_tracking (id, email) values (${LEAD}, 'ann@example.com')`;
    await make();
    const [message] = await sql<{ id: number }[]>`select id from amocrm.outbox`;
    const [other] = await service`select short_link_make('course') as code`;
    const [told] =
      await service`select short_link_make('course', p_message_id => ${message?.id ?? 0}) as code`;
    await sql`insert into link_clicks (code, verdict, agent) select code, 'human', 'Ann''s telephone' from short_links`;
    expect(told).toBeDefined();
    const [answer] = await runAs(
      ADMIN,
      (session) => session`select amocrm_forget('ann@example.com') as said`,
    );
    expect(answer?.["said"]).toMatchObject({ leads: 1, short_links: 2 });
    expect(await sql`select code from short_links`).toEqual([{ code: other?.["code"] }]);
    expect(await sql`select code from link_clicks`).toEqual([{ code: other?.["code"] }]);
  });
});
