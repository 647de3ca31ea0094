import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { type Dashboard, LIMITS_MS, press, startDashboard } from "./support/dashboard.ts";
import { axeFaults, layoutFaults } from "./support/layout.ts";

const SCREENS = [
  "now",
  "messages",
  "message&id=1",
  "person&email=p2@example.com",
  "funnel&compare=before",
  "funnel&by=source",
  "pace",
  "decisions",
  "bulk",
  "settings",
];

let school: SchoolProject;
let dashboard: Dashboard;
let admin: Person;

beforeAll(async () => {
  school = await startSchool();
  [dashboard, admin] = await Promise.all([startDashboard(school.stack), school.signIn("admin")]);
}, LIMITS_MS);
afterAll(async () => {
  await dashboard?.stop();
  await school?.stop();
});
beforeEach(async () => {
  const { sql } = school;
  await sql`delete from amocrm.outbox`;
  await sql`delete from amocrm.bulk_jobs`;
  await sql`delete from amocrm.funnel_buckets`;
  await sql`delete from amocrm.funnel_move_buckets`;
  await sql`delete from public.amocrm_fields`;
  await sql`delete from amocrm.followup_entries`;
  await sql`alter sequence amocrm.outbox_id_seq restart`;
  await sql`delete from public.unified_lead_tracking`;
});

/** What sixty days of two landing pages brought; a campaign is named as nobody should name one. */
async function bring(): Promise<void> {
  await school.sql`insert into amocrm.funnel_buckets (day, source, campaign, leads, people, delivered_to_crm, mails_sent, mails_opened, human_clicks,
      deals_open, deals_won, deals_lost, revenue)
    select current_date - n, source, campaign, 20 + n % 9, 18 + n % 9, 19 + n % 9, 20, 8 + n % 5, 5 + n % 4, 9, n % 4, 2, n % 4 * 149000
    from generate_series(0, 59) as n cross join (values ('a-landing-page-with-a-rather-long-name', 'весна_2026_ретаргетинг_алматы'), ('taplink', '=HYPERLINK("x")'))
      as page (source, campaign)`;
  await school.sql`insert into amocrm.custom_fields (entity, fields)
    values ('deal', '[{"id": 501, "name": "Источник обращения клиента в компанию"}]') on conflict do nothing`;
  await school.sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'utm_source', 501) on conflict do nothing`;
  await school.sql`insert into followup_templates (code, channel, language, subject, body)
    values ('hello', 'mail', 'ru', 'Здравствуйте', 'Спасибо, {name}') on conflict do nothing`;
  await school.sql`insert into followup_steps (sequence, step, channel, template_code)
    values ('after-the-first-lead', 'hello', 'mail', 'hello') on conflict do nothing`;
  await school.sql`with entered as (
      insert into amocrm.followup_entries (sequence, version, event, lead_id, entered_at)
      select 'after-the-first-lead', 1, 'lead.created', id, now() from unified_lead_tracking where email = 'p2@example.com' returning id
    )
    insert into amocrm.followup_entry_steps (entry_id, step, version, channel, template_code, topic, stop_on, delay_minutes, max_delay_minutes, due_local,
      due_at, look_at)
    select id, 'hello', 1, 'mail', 'hello', 'news', '{}', 60, 60, now(), now(), now() + interval '3 hours' from entered`;
  await school.sql`insert into amocrm.funnel_move_buckets (day, source, campaign, bucket, count)
    select day, source, campaign, 30, 4 from amocrm.funnel_buckets`;
}

/** Dead messages of people whose names and errors are as long as they get. */
async function die(count: number): Promise<void> {
  await school.sql`with leads as (
      insert into public.unified_lead_tracking (full_name, email, phone, source)
      select 'Айгерим-Мария Нурланқызы Константинопольская', 'p' || n || '@example.com', '+7707' || 1000000 + n, 'a-landing-page-with-a-rather-long-name'
      from generate_series(1, ${count}::int) as n returning id
    )
    select from leads`;
  await school.sql`insert into amocrm.flow_counts (span, at, queue, kind, in_count, delivered_count, dead_count)
    select span, date_trunc(span, now()) - n * ('1 ' || span)::interval, 'amocrm', 'lead.created', 30 + n % 9, 20 + n % 7, n % 3
    from generate_series(1, 50) as n cross join unnest('{minute,hour}'::text[]) as span on conflict do nothing`;
  await school.sql`insert into amocrm.flow_buckets (span, at, queue, kind, measure, bucket, message_count)
    select 'minute', date_trunc('minute', now()) - n * interval '1 minute', 'amocrm', 'lead.created', measure, 40 + n % 9, n
    from generate_series(1, 50) as n cross join unnest('{wait,run}'::text[]) as measure on conflict do nothing`;
  await school.sql`update amocrm.outbox set state = 'dead', is_fresh = false, is_head = false, last_error_code = 'validation_failed',
    last_error_message = 'custom_fields_values.' || id || ': "' || id || '" is_a_value_that_has_not_a_single_space_in_it_and_is_rather_long_to_be_read'
    where queue = 'amocrm'`;
}

describe("each screen", () => {
  test.each([
    { width: "small", locale: "ru-RU", scheme: "dark" },
    { width: "large", locale: "en-GB", scheme: "light" },
    { width: "small", locale: "en-GB", scheme: "light" },
    { width: "large", locale: "ru-RU", scheme: "dark" },
  ] as const)(
    "has nothing cut or overlapping, nothing serious for axe, and no error: $width, $locale, $scheme",
    async (options) => {
      await die(12);
      await bring();
      await school.sql`insert into amocrm.duplicates (type, kept_id, other_id, reason) values ('contact', 50012345, 50012399, 'same phone')`;
      const { page, context, faults } = await dashboard.open("", admin, options);
      await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
      const found: Record<string, string[]> = {};
      for (const name of SCREENS) {
        await dashboard.goTo(page, name);
        const told = await page.locator("#fault").innerText();
        const bad = [
          ...(told === "" ? [] : [told]),
          ...(await layoutFaults(page)),
          ...(await axeFaults(page)),
        ];
        if (bad.length > 0) found[name] = bad;
        const folder = process.env["DASHBOARD_PICTURES"];
        if (folder)
          await page.screenshot({
            path: `${folder}/${name.replace(/&(by|id|email|compare)=.*/, (_, one) => (one === "by" ? "-by" : ""))}-${options.width}-${options.locale}.png`,
            fullPage: true,
            scale: "css",
          });
      }
      await school.sql`delete from amocrm.duplicates`;
      expect(found).toEqual({});
      expect(faults).toEqual([]);
      await context.close();
    },
    LIMITS_MS,
  );
});

test(
  "by keyboard alone an admin finds a message, sees whom it is about, retries it, and retries all others",
  async () => {
    await die(130);
    const { page, context, faults } = await dashboard.open("", admin);
    await page.getByRole("heading", { name: "Is it alive?" }).waitFor();
    expect(await page.locator("#screen h2").allInnerTexts()).toEqual([
      "Is it alive?",
      "What waits for a person?",
      "Does it keep up?",
      "What is broken?",
    ]);
    await page.keyboard.press("2");
    await page.getByRole("heading", { name: "130 messages" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("p7@example.com");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "1 message" }).waitFor();
    await page.locator("#screen").focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Personal data" }).waitFor();
    expect(await page.locator("#screen").innerText()).not.toContain("p7@example.com");
    await press(page, "Show personal data");
    await page.getByText("p7@example.com").first().waitFor();
    await press(page, "Retry");
    await page.getByText("waiting", { exact: true }).waitFor();
    const states =
      await school.sql`select state, count(*)::int as rows from amocrm.outbox where queue = 'amocrm' group by 1 order by 1`;
    expect([...states]).toEqual([
      { state: "dead", rows: 129 },
      { state: "pending", rows: 1 },
    ]);
    expect([...(await school.sql`select action from amocrm.actions order by id`)]).toEqual([
      { action: "reveal" },
      { action: "requeue" },
    ]);

    await dashboard.goTo(page, "messages&states=dead");
    await press(page, "Retry all of these …");
    await page.getByText("Type 129 to confirm.").waitFor();
    expect(await page.getByRole("button", { name: /^Start/ }).isEnabled()).toBe(false);
    await page.locator("dialog[open] input").focus();
    await page.keyboard.type("129");
    await page.keyboard.press("Enter");
    await page.getByText("129 of 129 done, 0 left alone").waitFor();
    await page.keyboard.press("?");
    await page.getByText("next and previous row").waitFor();
    await page.keyboard.press("Escape");
    expect(faults).toEqual([]);
    await context.close();
  },
  LIMITS_MS,
);

test(
  "a viewer sees the same, masked and without a button that changes anything; a manager sees nothing",
  async () => {
    await die(2);
    const viewer = await school.signIn("viewer");
    const { page, context, faults } = await dashboard.open("?view=message&id=1", viewer, { locale: "ru-RU" });
    await page.getByRole("heading", { name: "Сообщение № 1" }).waitFor();
    expect(await page.locator("#screen").innerText()).not.toMatch(/@example\.com|Нурлан/);
    for (const name of SCREENS) {
      await dashboard.goTo(page, name);
      expect(
        await page
          .locator("#screen")
          .getByRole("button", {
            name: /Повторить|Отменить|Сохранить|Приостановить|Показать личные|Добавить/,
          })
          .count(),
      ).toBe(0);
    }
    expect(faults).toEqual([]);
    await context.close();

    const manager = await school.signIn("sales_manager");
    const other = await dashboard.open("", manager);
    await other.page.getByRole("heading", { name: "No access" }).waitFor();
    expect(await other.page.locator("#screen").innerText()).toBe("");
    await other.context.close();
  },
  LIMITS_MS,
);

test(
  "in Russian it counts by the language's rules, and refuses in Russian what the database refuses",
  async () => {
    await die(3);
    const { page, context } = await dashboard.open("?view=messages", admin, { locale: "ru-RU" });
    await page.getByRole("heading", { name: "3 сообщения" }).waitFor();
    await dashboard.goTo(page, "settings");
    await page.getByLabel("Темп: мс между запросами").fill("1");
    await page.getByRole("button", { name: "Сохранить" }).first().click();
    await page.getByText(/Не получилось:/).waitFor();
    await page.getByLabel("Темп: мс между запросами").fill("1500");
    await page.getByRole("button", { name: "Сохранить" }).first().click();
    await page.getByText("Готово.").waitFor();
    expect((await school.sql`select min_interval_ms from amocrm_settings`)[0]).toEqual({
      min_interval_ms: 1500,
    });
    await context.close();
  },
  LIMITS_MS,
);

test(
  "a viewer compares two periods of the funnel, in the address as well, and saves what is shown without a formula in it",
  async () => {
    await bring();
    const viewer = await school.signIn("viewer");
    const { page, context, faults } = await dashboard.open("?view=funnel", viewer);
    await page.getByRole("heading", { name: "From a lead to a sale" }).waitFor();
    await page.getByLabel("Compare with").selectOption("before");
    await page.getByText(/^Compared with/).waitFor();
    expect(page.url()).toContain("compare=before");
    await page.getByRole("combobox", { name: "By", exact: true }).selectOption("campaign");
    await page.getByRole("heading", { name: "By campaign" }).waitFor();
    const wanted = page.waitForEvent("download");
    await press(page, "Save as CSV");
    const file = await wanted;
    const chunks: Buffer[] = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString("utf8").trim().split("\r\n");
    // Two campaigns in each of two periods.
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain('"campaign","people","leads"');
    expect(lines.join("\n")).toContain(`"'=HYPERLINK(""x"")"`);
    expect(lines.join("\n")).not.toMatch(/(^|,)"?=/m);
    expect(faults).toEqual([]);
    await context.close();
  },
  LIMITS_MS,
);
