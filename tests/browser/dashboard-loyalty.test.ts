import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { truncate } from "../stack/support/truncate.ts";
import { type Dashboard, LIMITS_MS, press, startDashboard } from "./support/dashboard.ts";
import { LOOKS, screenFaults } from "./support/looks.ts";

let school: SchoolProject;
let dashboard: Dashboard;
let admin: Person;

beforeAll(async () => {
  school = await startSchool({ functions: false });
  [dashboard, admin] = await Promise.all([startDashboard(school.stack), school.signIn("admin")]);
}, LIMITS_MS);
afterAll(async () => {
  await dashboard?.stop();
  await school?.stop();
});
beforeEach(async () => {
  // Members and the ledger cannot be taken out otherwise.
  await truncate(
    school.sql,
    "public.loyalty_members",
    "public.loyalty_orders",
    "public.loyalty_points",
    "amocrm.loyalty_allocations",
    "public.loyalty_campaigns",
  );
});

const NAME = "a-very-long-address-of-somebody-who-buys-often@subdomain.philharmonia.example";

/** Sixty members with what they bought and spent; the first has everything that a card can show. Returns the first and the one that may be the same. */
async function fill(): Promise<{ first: string; same: string }> {
  const { sql } = school;
  const rows = await sql`insert into loyalty_members select from generate_series(1, 60) returning id`;
  const ids = rows.map(({ id }) => String(id));
  const [first = "", same = ""] = ids;
  await sql`insert into loyalty_identities (member_id, provider, external_id)
    select id, 'email', case place when 1 then ${NAME} else 'p' || place || '@example.com' end from unnest(${ids}::uuid[]) with ordinality as who (id, place)`;
  await sql`insert into loyalty_identities (member_id, provider, external_id) values
    (${first}, 'phone', '+77011234567'), (${first}, 'vk', '1234567890123'), (${first}, 'telegram', '998877'), (${same}, 'instagram', '17841400000000000')`;
  await sql`insert into loyalty_orders (provider, external_id, member_id, amount, paid_at)
    select 'manual', 'order-with-a-rather-long-number-' || place || '-' || n, id, 1000 + place * 900 + n * 70, now() - (place * 7 + n) * interval '1 day'
    from unnest(${ids}::uuid[]) with ordinality as who (id, place) cross join generate_series(1, 4) as n where n <= 1 + place % 4 and place < 56`;
  await sql`update loyalty_orders set refunded_amount = 500 where member_id = ${first} and external_id like '%-1-1'`;
  await sql`insert into loyalty_orders (provider, external_id, member_id, amount, currency, paid_at) values ('qtickets', '7001', ${first}, 90, 'USD', now())`;
  await sql`select loyalty_adjust(${first}, 1200, 'gift', 'подарок ко дню рождения, обещан по телефону')`;
  await sql`select loyalty_spend(${first}, 300, 'purchase')`;
  await sql`select loyalty_tier_set(${first}, 'platinum', now() + interval '30 days', 'гость фестиваля')`;
  await sql`insert into loyalty_join_suggestions (member_id, other_id, reason) values (least(${first}::uuid, ${same}::uuid), greatest(${first}::uuid, ${same}::uuid), 'phone')`;
  await sql`select loyalty_recompute()`;
  await sql`insert into loyalty_campaigns (segment, subject, body, state, problem, expected_count, counted, created_at) values
    ('champions', 'Только для вас: лучшие места на открытие сезона раньше всех остальных', '<p>Привет</p>', 'canceled_count_differs',
      'Unisender counted 12 of 240 contacts.', 240, 12, now() - interval '3 days'),
    (null, 'News', '<h1>Hello</h1><p>Line one<br>line two</p><script>alert(1)</script>', 'draft', null, null, null, now())`;
  return { first, same };
}

test.each(LOOKS)(
  "no screen of loyalty has anything cut or overlapping, serious for axe, or an error: $width, $locale, $scheme",
  async (options) => {
    const { first } = await fill();
    const [draft] = await school.sql`select id from loyalty_campaigns where state = 'draft'`;
    const { page, context, faults } = await dashboard.open("", admin, options);
    await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
    const screens = [
      "loyalty",
      "members",
      "members&search=nobody",
      "members&r=5&f=1",
      `member&id=${first}`,
      "campaigns",
      `campaign&id=${draft?.["id"]}`,
    ];
    expect(await screenFaults(dashboard, page, screens, options)).toEqual({});
    expect(faults).toEqual([]);
    await context.close();
  },
  LIMITS_MS,
);

test(
  "its tab stands there once somebody takes part; by keyboard an admin goes from the grid to a member, corrects points and joins two",
  async () => {
    const empty = await dashboard.open("", admin);
    await empty.page.getByRole("heading", { name: "Is it alive?" }).waitFor();
    await empty.page.keyboard.press("?");
    await empty.page.getByText("1 – 8").waitFor();
    await empty.page.keyboard.press("Escape");
    await empty.page.keyboard.press("9");
    expect(await empty.page.locator("#tabs").getByRole("link", { name: "Loyalty" }).count()).toBe(0);
    await empty.context.close();

    const { first, same } = await fill();
    const { page, context, faults } = await dashboard.open("", admin);
    await page.locator("#tabs").getByRole("link", { name: "Loyalty" }).waitFor();
    await page.keyboard.press("9");
    await page.getByRole("heading", { name: "How lately and how often members buy" }).waitFor();
    // What the grid and the segments count is what has a score.
    const counted = (await page.locator("table.grid a").allInnerTexts()).reduce(
      (sum, words) => sum + Number(words),
      0,
    );
    const [scored] = await school.sql`select count(*)::int as count from loyalty_rfm`;
    expect(counted).toBe(scored?.["count"]);
    await page.locator("table.grid a").last().press("Enter");
    await page.getByText(/Scores: R \d · F \d/).waitFor();

    await page.keyboard.press("/");
    await page.keyboard.type("+7 701 123 45 67");
    await page.keyboard.press("Enter");
    await page.locator(`#screen a[href*="${first}"]`).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Member / }).waitFor();
    expect(await page.locator("#screen").innerText()).not.toContain(NAME);
    await press(page, "Show personal data");
    await page.getByText(NAME).waitFor();

    await press(page, "Correct points …");
    await page.getByLabel("Points, with a minus to take some").fill("-200");
    expect(await page.locator("#ask-yes").isEnabled()).toBe(false);
    await page.locator("dialog[open]").getByLabel("Reason").fill("wrong guest");
    await page.keyboard.press("Enter");
    await page.getByText("wrong guest").waitFor();
    const [balance] = await school.sql`select balance from loyalty_balance where member_id = ${first}`;
    expect(balance).toEqual({ balance: "700" });

    await press(page, "Join");
    await page.locator("dialog[open]").getByRole("button", { name: "Join" }).press("Enter");
    await page.getByText(`Joined with ${same.slice(0, 8)}`).waitFor();
    await press(page, "Part");
    await page.locator("dialog[open]").getByRole("button", { name: "Part" }).press("Enter");
    await page.getByText(/Joined with/).waitFor({ state: "detached" });

    await press(page, "Set the tier …");
    await page.locator("dialog[open]").getByLabel("Tier").selectOption("gold");
    await page.locator("dialog[open]").getByLabel("Until and with").fill("2050-01-01");
    await page.locator("dialog[open]").getByLabel("Reason").fill("a friend");
    await page.keyboard.press("Enter");
    await page.getByText(/a friend/).waitFor();
    const [card] = await school.sql`select tier from loyalty_card where member_id = ${first}`;
    expect(card).toEqual({ tier: "gold" });
    expect(faults).toEqual([]);
    await context.close();
  },
  LIMITS_MS,
);

test(
  "an admin drafts a campaign, sees to how many it goes and what is read, and nothing goes before it is confirmed; what is refused is said in Russian",
  async () => {
    await fill();
    await school.sql`insert into loyalty_members select from generate_series(1, 60)`;
    await school.sql`insert into loyalty_identities (member_id, provider, external_id)
      select id, 'email', id || '@example.com' from loyalty_members where not exists (select from loyalty_identities where member_id = loyalty_members.id)`;
    const { page, context, faults } = await dashboard.open("?view=campaigns", admin, { locale: "ru-RU" });
    await page.getByRole("button", { name: "Создать черновик" }).click();
    await page.getByText(/Не получилось: .*p_subject/).waitFor();
    faults.length = 0;
    await page.getByLabel("Тема").fill("Весна");
    await page
      .getByLabel("Текст (HTML)")
      .fill(
        '<p style="color: red">Первая <b>строка</b> &lt;3</p><style>p {}</style><img src=https://elsewhere.example/x.png><p>Вторая</p>',
      );
    await press(page, "Создать черновик");
    await page.getByRole("heading", { name: "Весна" }).waitFor();
    expect(await page.getByText("Первая строка <3", { exact: true }).count()).toBe(1);
    expect(await page.locator("dl.facts").innerText()).toContain("120");
    expect((await school.sql`select from amocrm.outbox where kind = 'campaign.send'`).length).toBe(0);

    await press(page, "Подтвердить и отправить …");
    await page.getByText("Введите 120").waitFor();
    expect(await page.locator("#ask-yes").isEnabled()).toBe(false);
    await page.locator("dialog[open] input").fill("120");
    await page.keyboard.press("Enter");
    await page.getByText("подтверждена, ждёт очереди").waitFor();
    expect((await school.sql`select from amocrm.outbox where kind = 'campaign.send'`).length).toBe(1);
    await press(page, "Отменить рассылку");
    await page.locator("dialog[open]").getByRole("button", { name: "Отменить рассылку" }).press("Enter");
    await page.getByText("отменена", { exact: true }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  },
  LIMITS_MS,
);

test(
  "a viewer sees all of it masked, and no button that changes anything",
  async () => {
    const { first } = await fill();
    const viewer = await school.signIn("viewer");
    const { page, context, faults } = await dashboard.open("", viewer);
    await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
    for (const name of ["loyalty", "members", `member&id=${first}`, "campaigns"]) {
      await dashboard.turnTo(page, name);
      expect(await page.locator("#screen").innerText()).not.toMatch(/@(example|subdomain)|7011234567|998877/);
      const buttons = await page.locator("#screen").getByRole("button").allInnerTexts();
      expect(buttons.filter((words) => words !== "Show more")).toEqual([]);
    }
    expect(faults).toEqual([]);
    await context.close();
  },
  LIMITS_MS,
);
