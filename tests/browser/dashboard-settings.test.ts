import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { type Dashboard, LIMITS_MS, press, startDashboard } from "./support/dashboard.ts";

let school: SchoolProject;
let dashboard: Dashboard;
let admin: Person;

const PIPELINES = JSON.stringify([
  {
    pipeline_id: 10,
    name: "Sales",
    sort: 1,
    is_main: true,
    stages: [
      { id: 101, name: "New", sort: 1 },
      { id: 102, name: "Called", sort: 2 },
    ],
  },
]);

beforeAll(async () => {
  school = await startSchool({ functions: false });
  [dashboard, admin] = await Promise.all([startDashboard(school.stack), school.signIn("admin")]);
  const { sql } = school;
  await sql`select amocrm_store_pipelines(${PIPELINES}::text::jsonb)`;
  await sql`select amocrm_set_route('webinar', 10, 101)`;
  await sql`insert into amocrm.custom_fields (entity, fields)
    values ('deal', '[{"id": 501, "name": "Campaign"}, {"id": 502, "name": "Origin"}]')`;
  await sql`select amocrm_set_field('deal', 'utm_source', 501)`;
  await sql`insert into followup_templates (code, channel, language, subject, body)
    values ('hello', 'mail', 'en', 'Hello', 'Thank you, {name}')`;
  await sql`insert into followup_steps (sequence, step, channel, template_code) values ('welcome', 'first', 'mail', 'hello')`;
}, LIMITS_MS);
afterAll(async () => {
  await dashboard?.stop();
  await school?.stop();
});

const WORDS = {
  "en-GB": {
    pace: "Pace: ms between two requests",
    tries: "Failed tries until dead",
    flood: "Leads of all until it is a flood",
    mailsPerHour: "Mails an hour",
    course: "Name of the course",
    crmField: "Field in amoCRM: utm_source",
    stage: "Stage: webinar",
    event: "Event",
    addStage: "Add a stage",
    delay: "Minutes after the event: welcome first",
    text: "hello · Mail · en",
    subject: "Subject",
    body: "Body",
    save: "Save",
    done: "Done.",
    refused: "It did not work:",
    paceRule: "the pace is 150 to 10000 ms",
    floodRule: "each limit is at least as large as the one before it",
    noNumber: "this is not a number",
    placeholder: 'the placeholder "surname" is unknown',
    audit: "Done by hand",
    you: "you",
    did: "change a text of a sequence",
  },
  "ru-RU": {
    pace: "Темп: мс между запросами",
    tries: "Неудачных попыток до отказа",
    flood: "Заявок всего, дальше поток",
    mailsPerHour: "Писем в час",
    course: "Название курса",
    crmField: "Поле в amoCRM: utm_source",
    stage: "Этап: webinar",
    event: "Событие",
    addStage: "Добавить этап",
    delay: "Минут после события: welcome first",
    text: "hello · Письма · en",
    subject: "Тема",
    body: "Текст письма или SMS",
    save: "Сохранить",
    done: "Готово.",
    refused: "Не получилось:",
    paceRule: "темп: от 150 до 10000 мс",
    floodRule: "каждый предел не меньше предыдущего",
    noNumber: "это не число",
    placeholder: "surname",
    audit: "Сделано вручную",
    you: "вы",
    did: "изменить текст цепочки",
  },
} as const;

/** What a person does without a mouse: goes on with Tab from where the keyboard is, until the control is reached. */
async function reach(page: Page, name: string, role: "textbox" | "combobox" | "button"): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: true });
  await wanted.first().waitFor();
  // Found once and not at each Tab: to find it, the names of all that is on the page are told.
  // Many are called the same; meant is the next one from here.
  const mark = () => wanted.evaluateAll((all) => Object.assign(globalThis, { wanted: all }));
  await mark();
  for (let presses = 0; presses < 200; presses++) {
    const place = await page.evaluate(() => {
      const { wanted } = globalThis as unknown as { wanted: Element[] };
      if (!wanted.some((element) => element.isConnected)) return "drawn anew";
      return wanted.some((element) => element === document.activeElement) ? "reached" : "elsewhere";
    });
    if (place === "reached") return;
    if (place === "drawn anew") await mark();
    else await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never comes to ${name}`);
}

async function type(page: Page, name: string, text: string): Promise<void> {
  await reach(page, name, "textbox");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
}

describe.each(["en-GB", "ru-RU"] as const)("settings are saved by keyboard alone, in %s", (locale) => {
  const words = WORDS[locale];
  const isRussian = locale === "ru-RU";
  let page: Page;
  let faults: string[];
  const outcome = async (): Promise<string> => await page.locator("#outcome").innerText();
  const isDone = async (): Promise<void> => {
    await page.locator("#outcome").getByText(words.done, { exact: true }).waitFor();
    // The next one is told from this one.
    await page.locator("#outcome").evaluate((place) => place.replaceChildren());
  };
  const isRefused = async (reason: string): Promise<void> => {
    await page.locator("#outcome").getByText(words.refused).waitFor();
    expect(await outcome()).toContain(reason);
    await page.locator("#outcome").evaluate((place) => place.replaceChildren());
  };
  const saveHere = async (): Promise<void> => {
    await reach(page, words.save, "button");
    await page.keyboard.press("Enter");
  };

  beforeAll(async () => {
    ({ page, faults } = await dashboard.open("?view=settings", admin, { locale }));
    await page.getByLabel(words.pace).waitFor();
  }, LIMITS_MS);
  afterAll(async () => {
    // The refusals are answers of the Data API that the browser writes down; anything else is a fault of the page.
    expect(faults.filter((fault) => !/status of 400/.test(fault))).toEqual([]);
    await page.context().close();
  });

  test(
    "pace and limits, with a value that is refused in the reader's words and stays to be mended",
    async () => {
      await type(page, words.pace, "1");
      await saveHere();
      await isRefused(words.paceRule);
      expect(await page.getByLabel(words.pace).inputValue()).toBe("1");
      await page.locator("#screen").focus();
      await type(page, words.pace, isRussian ? "1500" : "1700");
      await saveHere();
      await isDone();
      expect(await school.sql`select min_interval_ms from amocrm_settings`).toEqual([
        { min_interval_ms: isRussian ? 1500 : 1700 },
      ]);
    },
    LIMITS_MS,
  );

  test(
    "the stage of a route and the field of a value, from the account's own names",
    async () => {
      await page.locator("#screen").focus();
      await reach(page, words.stage, "combobox");
      await page.keyboard.type(isRussian ? "New" : "Called");
      await reach(page, `${words.save}: webinar`, "button");
      await page.keyboard.press("Enter");
      await isDone();
      expect(await school.sql`select status_id from amocrm_routes`).toMatchObject([
        { status_id: isRussian ? "101" : "102" },
      ]);
      await page.locator("#screen").focus();
      await type(page, words.event, isRussian ? "certificate.issued" : "lesson.67");
      await reach(page, words.addStage, "button");
      await page.keyboard.press("Enter");
      await isDone();
      await page.locator("#screen").focus();
      await type(page, words.event, "lesson.last");
      await reach(page, words.addStage, "button");
      await page.keyboard.press("Enter");
      await isRefused("lesson.last");
      const stages = await school.sql`select event from amocrm_stages order by 1`;
      expect(stages.map(({ event }) => event)).toEqual(
        isRussian ? ["certificate.issued", "lesson.67"] : ["lesson.67"],
      );
      await page.locator("#screen").focus();
      await reach(page, words.crmField, "combobox");
      await page.keyboard.type(isRussian ? "Campaign" : "Origin");
      await saveHere();
      await isDone();
      expect(await school.sql`select field_id from amocrm_fields`).toMatchObject([
        { field_id: isRussian ? "501" : "502" },
      ]);
    },
    LIMITS_MS,
  );

  test(
    "form limits, and mails: what is no number is refused, and never taken for no limit",
    async () => {
      await page.locator("#screen").focus();
      await type(page, words.flood, "1");
      await saveHere();
      await isRefused(words.floodRule);
      await page.locator("#screen").focus();
      await type(page, words.flood, isRussian ? "700" : "800");
      await saveHere();
      await isDone();
      await page.locator("#screen").focus();
      await type(page, words.mailsPerHour, "3OO");
      await saveHere();
      await isRefused(words.noNumber);
      await page.locator("#screen").focus();
      await type(page, words.course, isRussian ? "Курс" : "Course");
      await type(page, words.mailsPerHour, isRussian ? "" : "400");
      if (isRussian) await page.keyboard.press("Delete");
      await saveHere();
      await isDone();
      expect(await school.sql`select flood_count from amocrm_form_limits`).toEqual([
        { flood_count: isRussian ? 700 : 800 },
      ]);
      expect(await school.sql`select course_name, mails_per_hour from message_settings`).toEqual([
        isRussian
          ? { course_name: "Курс", mails_per_hour: null }
          : { course_name: "Course", mails_per_hour: 400 },
      ]);
    },
    LIMITS_MS,
  );

  test(
    "a step and a text of a sequence; a placeholder that nobody could fill is refused",
    async () => {
      await page.locator("#screen").focus();
      await type(page, words.delay, isRussian ? "30" : "45");
      await reach(page, `${words.save}: welcome first`, "button");
      await page.keyboard.press("Enter");
      await isDone();
      const open = async (): Promise<void> => {
        await page.locator("summary").first().focus();
        await page.keyboard.press("Enter");
      };
      await open();
      await type(page, words.body, "Dear {surname}");
      await press(page, `${words.save}: ${words.text}`);
      await isRefused(words.placeholder);
      await page.locator("summary").first().focus();
      await type(page, words.subject, isRussian ? "Привет" : "Welcome");
      await type(page, words.body, "Dear {name}");
      await press(page, `${words.save}: ${words.text}`);
      await isDone();
      expect(await school.sql`select delay_minutes from followup_steps`).toEqual([
        { delay_minutes: isRussian ? 30 : 45 },
      ]);
      expect(await school.sql`select subject, body from followup_templates`).toEqual([
        { subject: isRussian ? "Привет" : "Welcome", body: "Dear {name}" },
      ]);
    },
    LIMITS_MS,
  );

  test("each change stands below with who made it, and none that was refused", async () => {
    const rows = page.getByRole("table", { name: words.audit }).getByRole("row");
    await rows.nth(1).waitFor();
    const first = await rows.nth(1).innerText();
    expect([first.includes(words.you), first.includes(words.did)]).toEqual([true, true]);
    const refused = await school.sql`select from amocrm.actions where arguments::text ~ 'surname|3OO'`;
    expect(refused).toHaveLength(0);
  });
});
