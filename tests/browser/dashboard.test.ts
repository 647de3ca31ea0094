import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { type Dashboard, LIMITS_MS, press, startDashboard } from "./support/dashboard.ts";
import { bring, die, emptied, makeDecisions } from "./support/dashboard-data.ts";
import { LOOKS, screenFaults } from "./support/looks.ts";

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
  school = await startSchool({ functions: false });
  [dashboard, admin] = await Promise.all([startDashboard(school.stack), school.signIn("admin")]);
}, LIMITS_MS);
afterAll(async () => {
  await dashboard?.stop();
  await school?.stop();
});
beforeEach(() => emptied(school));

describe("each screen", () => {
  test.each(LOOKS)(
    "has nothing cut or overlapping, nothing serious for axe, and no error: $width, $locale, $scheme",
    async (options) => {
      await die(school, 12);
      await bring(school);
      await makeDecisions(school);
      const { page, context, faults } = await dashboard.open("", admin, options);
      await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
      const found = await screenFaults(dashboard, page, SCREENS, options);
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
    await die(school, 130);
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
    await die(school, 2);
    const viewer = await school.signIn("viewer");
    const { page, context, faults } = await dashboard.open("?view=message&id=1", viewer, { locale: "ru-RU" });
    await page.getByRole("heading", { name: "Сообщение № 1" }).waitFor();
    expect(await page.locator("#screen").innerText()).not.toMatch(/@example\.com|Нурлан/);
    for (const name of SCREENS) {
      await dashboard.turnTo(page, name);
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
    await die(school, 3);
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
    await bring(school);
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
