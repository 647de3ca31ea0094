import { beforeEach, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { ADMIN, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const runAs = openDataApi(database);
beforeEach(() => setTestClock(NOON, sql, service));

const fold = async (limit = 50_000): Promise<number> =>
  (await sql`select amocrm.fold_links(${limit}) as count`)[0]?.["count"];
const results = () =>
  runAs(
    ADMIN,
    (
      session,
    ) => session`select day::text, target, channel, links, links_opened, human_clicks, previews, scanners,
      prefetches, unknown_clicks, first_click_minutes from link_results order by day, target, channel nulls last`,
  );

interface Link {
  code: string;
  target?: string;
  channel?: "mail" | "sms" | null;
  message?: number | null;
  isTrap?: boolean;
}
async function link({
  code,
  target = "course",
  channel = "mail",
  message = 77,
  isTrap = false,
}: Link): Promise<void> {
  await sql`insert into short_links (code, target_url, target_name, channel, message_id, is_trap)
    values (${code}, 'https://school.example/', ${target}, ${channel}, ${message}, ${isTrap})`;
}
async function click(atMs: number, code: string, verdict = "human", ip = "203.0.113.7"): Promise<void> {
  await setTestClock(noonPlus(atMs), service);
  const hit = {
    id: crypto.randomUUID(),
    code,
    age_ms: 0,
    verdict,
    reason: "",
    agent: "",
    headers: { "cf-connecting-ip": ip },
  };
  await service`select link_count(${service.json([hit])})`;
}

/** The same from the heap: every link and every click. */
const recount = () => sql`
  select (link.created_at at time zone message_settings.time_zone)::date::text as day, coalesce(link.target_name, link.target_url) as target, link.channel,
    count(*)::int as links, count(*) filter (where told.human > 0)::int as links_opened, sum(told.human)::int as human_clicks,
    sum(told.preview)::int as previews, sum(told.scanner)::int as scanners, sum(told.prefetch)::int as prefetches, sum(told.unknown)::int as unknown_clicks,
    round(amocrm.bucket_minutes(percentile_disc(0.5) within group (
      order by case when told.human > 0 then amocrm.minutes_bucket(extract(epoch from told.first_at - link.created_at) / 60) end)))::int as first_click_minutes
  from public.short_links as link cross join public.message_settings cross join lateral (
    select count(*) filter (where verdict = 'human') as human, count(*) filter (where verdict = 'preview') as preview,
      count(*) filter (where verdict = 'scanner') as scanner, count(*) filter (where verdict = 'prefetch') as prefetch,
      count(*) filter (where verdict = 'unknown') as unknown, min(clicked_at) filter (where verdict = 'human') as first_at
    from public.link_clicks where link_clicks.code = link.code) as told
  where not link.is_trap group by 1, 2, 3 order by 1, 2, 3 nulls last`;

test("link_results has people and machines side by side, by the day in the school's zone", async () => {
  for (const code of ["a", "b"]) await link({ code });
  await link({ code: "t", isTrap: true });
  await link({ code: "s", channel: "sms", message: 78 });
  await click(10 * MINUTE_MS, "a");
  await click(12 * MINUTE_MS, "b", "preview");
  await click(14 * MINUTE_MS, "a", "prefetch");
  await sql`insert into short_links (code, target_url, created_at) values ('z', 'https://z.example', ${noonPlus(-DAY_MS / 2 - 1)}::timestamptz + interval '7 hours')`;
  expect(await results()).toEqual([]);
  await fold();
  const none = {
    links_opened: 0,
    human_clicks: 0,
    previews: 0,
    scanners: 0,
    prefetches: 0,
    unknown_clicks: 0,
    first_click_minutes: null,
  };
  expect(await results()).toEqual([
    {
      ...none,
      ...{ day: "2031-05-05", target: "course", channel: "mail", links: 2, links_opened: 1 },
      ...{ human_clicks: 1, previews: 1, prefetches: 1, first_click_minutes: 9 },
    },
    { ...none, day: "2031-05-05", target: "course", channel: "sms", links: 1 },
    { ...none, day: "2031-05-05", target: "https://z.example", channel: null, links: 1 },
  ]);
});

test("a verdict that a neighbour corrects leaves the sums, also long after they were folded", async () => {
  for (const code of ["a", "b"]) await link({ code });
  await click(5 * MINUTE_MS, "a");
  await fold();
  expect(await results()).toMatchObject([
    { human_clicks: 1, scanners: 0, links_opened: 1, first_click_minutes: 5 },
  ]);
  await click(5 * MINUTE_MS + 500, "b");
  await fold();
  expect(await results()).toMatchObject([
    { human_clicks: 0, scanners: 2, links_opened: 0, first_click_minutes: null },
  ]);
  await click(20 * MINUTE_MS, "b");
  await fold();
  expect(await results()).toMatchObject([
    { human_clicks: 1, scanners: 2, links_opened: 1, first_click_minutes: 20 },
  ]);
});

test("they stay when old clicks are pruned, a link is forgotten, or the school moves to another zone", async () => {
  await link({ code: "a", message: null });
  await link({ code: "b", message: null });
  await click(MINUTE_MS, "a");
  await click(2 * MINUTE_MS, "b");
  await fold();
  await sql`update message_settings set time_zone = 'Pacific/Auckland'`;
  await sql`delete from link_clicks where code = 'a'`;
  await sql`delete from short_links where code = 'b'`;
  await click(401 * DAY_MS, "a");
  await fold();
  expect(await results()).toMatchObject([
    { day: "2031-05-05", links: 2, links_opened: 2, human_clicks: 3, first_click_minutes: 1 },
  ]);
});

test("folding waits for nobody, and nobody's click for it", async () => {
  await link({ code: "a" });
  await click(0, "a");
  const second = database.connect();
  await second`begin`;
  await second`select amocrm.fold_links(50000)`;
  await click(MINUTE_MS, "a");
  expect(await fold()).toBe(0);
  await second`commit`;
  expect(await fold()).toBe(1);
  expect(await results()).toMatchObject([{ human_clicks: 2 }]);
});

test("whatever is clicked and corrected, folded in whatever parts, the sums are what a recount of everything finds", async () => {
  let state = 11;
  const below = (bound: number): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * bound);
  };
  const verdicts = ["human", "human", "human", "preview", "scanner", "prefetch", "unknown"];
  const codes: string[] = [];
  let atMs = 0;
  for (let step = 0; step < 400; step += 1) {
    atMs += below(4) === 0 ? below(12 * 60) * MINUTE_MS : below(3000);
    await setTestClock(noonPlus(atMs), sql);
    if (codes.length === 0 || below(6) === 0) {
      const code = `c${codes.length}`;
      const message = below(3) === 0 ? null : 100 + Math.floor(codes.length / 3);
      await link({
        code,
        message,
        target: `t${below(2)}`,
        channel: (["mail", "sms", null] as const)[below(3)] ?? null,
        isTrap: below(9) === 0,
      });
      codes.push(code);
    }
    await click(
      atMs,
      codes[Math.max(0, codes.length - 1 - below(4))] ?? "",
      verdicts[below(7)],
      `203.0.${below(2)}.7`,
    );
    if (below(5) === 0) await fold(1 + below(9));
  }
  while ((await fold(7)) > 0);
  expect(
    await sql`select verdict from link_clicks where reason in ('burst', 'trap', 'again_from_elsewhere')`,
  ).not.toEqual([]);
  expect(await results()).toEqual(await recount());
});
