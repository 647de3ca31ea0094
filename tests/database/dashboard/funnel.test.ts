import { beforeEach, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import { ADMIN, MANAGER, openDataApi, STUDENT, VIEWER } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);

beforeEach(async () => {
  await sql`insert into amocrm.funnel_buckets (day, source, campaign, leads, people, delivered_to_crm, deals_open, deals_won, deals_lost, revenue, human_clicks, mails_opened)
    values ('2026-05-01', 'a', 'x', 10, 9, 8, 4, 2, 1, 200, 5, 3), ('2026-05-01', 'b', '', 1, 1, 1, 0, 0, 0, 0, 0, 0),
      ('2026-05-02', 'a', 'y', 20, 18, 17, 1, 1, 0, 100, 7, 2), ('2026-06-01', 'a', 'x', 99, 99, 99, 9, 9, 9, 900, 9, 9)`;
  // Three quick moves on the first day, and two slow ones on the second: the middle of all five is quick.
  await sql`insert into amocrm.funnel_move_buckets (day, source, campaign, bucket, count)
    values ('2026-05-01', 'a', 'x', 8, 3), ('2026-05-02', 'a', 'y', 40, 2), ('2026-05-02', 'b', '', 4, 0)`;
});

const ask = async (by: string, source: string | null = null) =>
  (
    await runAs(
      VIEWER,
      (session) =>
        session`select landing_funnel_sums('2026-05-01', '2026-05-31', ${by}, ${source}) as answer`,
    )
  )[0]?.["answer"];
const minutesOf = async (bucket: number) =>
  Number((await sql`select amocrm.bucket_minutes(${bucket}) as minutes`)[0]?.["minutes"]);

test("a viewer reads a period by day, source and campaign, with medians of all moves together", async () => {
  const days = await ask("day");
  expect(days.total).toMatchObject({
    leads: 31,
    people: 28,
    delivered_to_crm: 26,
    deals: 9,
    moved: 5,
    deals_won: 3,
    revenue: 300,
  });
  expect(days.total.median_minutes).toBe(await minutesOf(8));
  expect(days.rows.map(({ name, leads }: { name: string; leads: number }) => [name, leads])).toEqual([
    ["2026-05-01", 11],
    ["2026-05-02", 20],
  ]);
  expect(days.rows[1]).toMatchObject({ moved: 2, median_minutes: await minutesOf(40) });
  expect(days.sources).toEqual(["a", "b"]);
  expect((await ask("source")).rows).toMatchObject([
    { name: "a", leads: 30, revenue: 300, moved: 5 },
    { name: "b", leads: 1, moved: 0, median_minutes: null },
  ]);
  expect((await ask("campaign", "b")).rows).toMatchObject([{ name: "", leads: 1 }]);
  expect((await ask("campaign", "b")).total).toMatchObject({ leads: 1, median_minutes: null });
});

test("what it adds up is what landing_funnel lists", async () => {
  const [listed] =
    await sql`select sum(leads)::int as leads, sum(revenue)::int as revenue, sum(human_clicks)::int as human_clicks,
    sum(mails_opened)::int as mails_opened, sum(deals_won)::int as deals_won from landing_funnel where day between '2026-05-01' and '2026-05-31'`;
  for (const by of ["day", "source", "campaign"]) {
    const { total, rows } = await ask(by);
    expect(total).toMatchObject(listed ?? {});
    for (const name of ["leads", "revenue", "moved"])
      expect(
        rows.reduce((sum: number, row: Record<string, number>) => sum + (row[name] ?? 0), 0),
        `${by} ${name}`,
      ).toBe(total[name]);
  }
});

test("a period without leads is empty, and what makes no sense is refused", async () => {
  expect(
    (await sql`select landing_funnel_sums('2020-01-01', '2020-01-31') as answer`)[0]?.["answer"],
  ).toMatchObject({
    total: null,
    rows: [],
  });
  for (const call of [
    "landing_funnel_sums('2026-05-02', '2026-05-01')",
    "landing_funnel_sums('2020-01-01', '2026-01-01')",
    "landing_funnel_sums('2026-05-01', '2026-05-02', 'all')",
    "landing_funnel_sums(null, '2026-05-02')",
  ])
    expect(await errorOf(sql.unsafe(`select ${call}`)), call).toMatchObject({ code: "22023" });
  for (const caller of [MANAGER, STUDENT])
    expect(
      await outcomeOf(
        runAs(caller, (session) => session`select landing_funnel_sums('2026-05-01', '2026-05-02')`),
      ),
    ).toBe("42501");
  expect(
    await outcomeOf(
      runAs(ADMIN, (session) => session`select landing_funnel_sums('2026-05-01', '2026-05-02')`),
    ),
  ).toBe("ok");
});
