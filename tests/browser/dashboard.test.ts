import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildPage } from "#dev/pages/build.ts";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { startBrowser, type TestBrowser } from "./support/browser.ts";
import { axeFaults, layoutFaults } from "./support/layout.ts";

const LIMITS_MS = 300_000;
const SCREENS = [
  "now",
  "messages",
  "message&id=1",
  "person&email=p2@example.com",
  "pace",
  "decisions",
  "bulk",
  "settings",
];

let school: SchoolProject;
let browser: TestBrowser;
let site: http.Server;
let address: string;
let admin: Person;

beforeAll(async () => {
  [school, browser] = await Promise.all([startSchool(), startBrowser()]);
  admin = await school.signIn("admin");
  const { url, publishableKey } = school.stack;
  const page = await buildPage("dashboard", { url, publishableKey });
  site = http.createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(page);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
}, LIMITS_MS);
afterAll(async () => {
  site?.close();
  await browser?.close();
  await school?.stop();
});
beforeEach(async () => {
  const { sql } = school;
  await sql`delete from amocrm.outbox`;
  await sql`delete from amocrm.bulk_jobs`;
  await sql`alter sequence amocrm.outbox_id_seq restart`;
  await sql`delete from public.unified_lead_tracking`;
});

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

async function open(query: string, person: Person, options: Parameters<TestBrowser["open"]>[0] = {}) {
  const opened = await browser.open(options);
  await opened.page.goto(`${address}${query}`);
  await opened.page.locator("#sign-in-email").fill(person.credentials.email);
  await opened.page.locator("#sign-in-password").fill(person.credentials.password);
  await opened.page.locator("#sign-in-password").press("Enter");
  return opened;
}

/** Goes to a screen as a link of a colleague would, and waits until it is drawn. */
async function goTo(page: Page, query: string): Promise<void> {
  await page.goto(`${address}?view=${query}`);
  await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
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
      await school.sql`insert into amocrm.duplicates (type, kept_id, other_id, reason) values ('contact', 50012345, 50012399, 'same phone')`;
      const { page, context, faults } = await open("", admin, options);
      await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
      const found: Record<string, string[]> = {};
      for (const name of SCREENS) {
        await goTo(page, name);
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
            path: `${folder}/${name.split("&")[0]}-${options.width}-${options.locale}.png`,
            fullPage: true,
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
    const { page, context, faults } = await open("", admin);
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

    await goTo(page, "messages&states=dead");
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

/** Presses the button by the keyboard. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).focus();
  await page.keyboard.press("Enter");
}

test(
  "a viewer sees the same, masked and without a button that changes anything; a manager sees nothing",
  async () => {
    await die(2);
    const viewer = await school.signIn("viewer");
    const { page, context, faults } = await open("?view=message&id=1", viewer, { locale: "ru-RU" });
    await page.getByRole("heading", { name: "Сообщение № 1" }).waitFor();
    expect(await page.locator("#screen").innerText()).not.toMatch(/@example\.com|Нурлан/);
    for (const name of SCREENS) {
      await goTo(page, name);
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
    const other = await open("", manager);
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
    const { page, context } = await open("?view=messages", admin, { locale: "ru-RU" });
    await page.getByRole("heading", { name: "3 сообщения" }).waitFor();
    await goTo(page, "settings");
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
