import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildPage } from "#dev/pages/build.ts";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { shareBrowser, type TestBrowser } from "./support/browser.ts";

const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let school: SchoolProject;
let browser: TestBrowser;
let site: http.Server;
let address: string;
let manager: Person;

beforeAll(async () => {
  [school, browser] = await Promise.all([startSchool(), shareBrowser()]);
  manager = await school.signIn("sales_manager");
  const { url, publishableKey } = school.stack;
  const page = await buildPage("managers", { url, publishableKey, brand: "Школа продаж", logo: PIXEL });
  site = http.createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(page);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  site?.close();
  await browser?.close();
  await school?.stop();
});
beforeEach(async () => {
  await school.sql`delete from public.tripwire_users`;
  await school.sql`delete from auth.users where email not like '%@managers.example'`;
  await school.sql`delete from amocrm.outbox`;
});

async function openSignedIn(locale: string): Promise<{ page: Page; faults: string[] }> {
  const { page, faults } = await browser.open({ locale });
  await page.goto(address);
  await page.locator("#sign-in-email").fill(manager.credentials.email);
  await page.locator("#sign-in-password").fill(manager.credentials.password);
  await page.locator("#sign-in-password").press("Enter");
  await page.locator("#work-view").waitFor();
  return { page, faults };
}

const insertStudent = async (): Promise<string> =>
  (
    await school.sql`insert into public.tripwire_users (full_name, email) values ('Ada', 'ada@example.com') returning id`
  )[0]?.["id"];
const welcomes = async (): Promise<number> =>
  (await school.sql`select from amocrm.outbox where kind = 'student.welcome'`).length;
const endMails = () =>
  school.sql`update amocrm.outbox set state = 'dead', is_fresh = false, last_error_code = 'mail_refused' where kind = 'student.welcome'`;

describe("a manager", () => {
  test("sends the letter again, once", async () => {
    await insertStudent();
    await endMails();
    const { page, faults } = await openSignedIn("ru-RU");
    const resend = page.getByRole("button", { name: "Отправить письмо ещё раз: Ada" });
    await resend.click();
    await page.getByRole("status").getByText("Письмо отправляется ещё раз на ada@example.com").waitFor();
    await resend.waitFor({ state: "detached" });
    expect(await welcomes()).toBe(2);
    expect(faults).toEqual([]);
  });

  test("corrects an address by keyboard alone, and learns what is wrong with another one", async () => {
    const id = await insertStudent();
    await endMails();
    await school.sql`insert into public.tripwire_users (full_name, email) values ('Bob', 'bob@example.com')`;
    const { page } = await openSignedIn("en-GB");
    const correct = page.getByRole("button", { name: "Correct the address of Ada" });
    await correct.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Correct the address" });
    const field = dialog.getByLabel("The right e-mail");
    expect(await field.evaluate((input) => document.activeElement === input)).toBe(true);
    await field.fill("ada@");
    await page.keyboard.press("Enter");
    await dialog.getByText("Enter a valid e-mail address.").waitFor();
    await field.fill("bob@example.com");
    await page.keyboard.press("Enter");
    await dialog.getByText("Another student or account has this address.").waitFor();
    await page.keyboard.press("Escape");
    expect(await correct.evaluate((button) => document.activeElement === button)).toBe(true);

    await page.keyboard.press("Enter");
    await field.fill("lovelace@example.com");
    await page.keyboard.press("Enter");
    await page.getByText("The address is corrected. A new letter goes to lovelace@example.com").waitFor();
    await page.getByRole("row").filter({ hasText: "lovelace@example.com" }).waitFor();
    expect(await school.sql`select email from public.tripwire_users where id = ${id}`).toEqual([
      { email: "lovelace@example.com" },
    ]);
  });

  test("opens deal and certificate, and reads why amoCRM waits", async () => {
    const student = await school.signIn();
    await school.sql`insert into public.tripwire_users (user_id, full_name, email, amocrm_deal_id)
      values (${student.id}, 'Ada', 'ada@example.com', 77)`;
    await school.sql`insert into amocrm.accounts (queue, host, access) values ('amocrm', 'https://school.amocrm.ru', 'long_lived')
      on conflict (queue) do update set host = excluded.host`;
    await school.sql`insert into public.tripwire_lesson_progress (user_id, lesson_id, completed_at)
      select ${student.id}, id, now() from public.tripwire_lessons`;
    await school.sql`update amocrm.outbox set last_error_code = 'no_stage' where queue = 'amocrm'`;
    const { page } = await openSignedIn("ru-RU");
    await page.getByText("Администратор ещё не указал этап для учеников.").waitFor();
    const deal = page.getByRole("link", { name: "Открыть сделку в amoCRM" });
    expect(await deal.getAttribute("href")).toBe("https://school.amocrm.ru/leads/detail/77");
    const [download] = await Promise.all([
      page.context().waitForEvent("response", (answer) => answer.url().includes("tripwire-certificate")),
      page.getByRole("link", { name: "Сертификат (PDF): Ada" }).click(),
    ]);
    expect([download.status(), await download.headerValue("content-type")]).toEqual([200, "application/pdf"]);
  });

  test("who has forgotten the password sets another one by the link of a letter", async () => {
    const forgetful = await school.signIn("sales_manager");
    const { page, faults } = await browser.open({ locale: "ru-RU" });
    await page.goto(address);
    await page.getByRole("button", { name: "Забыли пароль?" }).click();
    await page.getByText("Укажите почту и нажмите ещё раз.").waitFor();
    await page.locator("#sign-in-email").fill(forgetful.credentials.email);
    await page.getByRole("button", { name: "Забыли пароль?" }).click();
    await page.getByText("Если у этого адреса есть учётная запись").waitFor();
    const mail = school.authMails.at(-1);
    expect(mail?.to).toBe(forgetful.credentials.email);
    await page.goto(mail?.link ?? "");
    await page.locator("#new-password-value").fill("short");
    await page.getByRole("button", { name: "Сохранить и продолжить" }).click();
    await page.getByText("Не меньше 8 символов").waitFor();
    await page.locator("#new-password-value").fill("a password of mine");
    await page.getByRole("button", { name: "Сохранить и продолжить" }).click();
    await page.locator("#work-view").waitFor();
    expect(faults).toEqual([]);
    await page.getByRole("button", { name: "Выйти" }).click();
    await page.locator("#sign-in-email").fill(forgetful.credentials.email);
    await page.locator("#sign-in-password").fill("a password of mine");
    await page.getByRole("button", { name: "Войти" }).click();
    await page.locator("#work-view").waitFor();
  });

  test("sees the company's name and picture", async () => {
    const { page } = await browser.open({ locale: "ru-RU" });
    await page.goto(address);
    await page.getByText("Школа продаж · ученики").waitFor();
    expect(await page.title()).toBe("Школа продаж · ученики");
    await expect
      .poll(() =>
        page
          .locator("img.logo")
          .evaluate((logo) => (logo as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBe(1);
  });
});

test("a student sees the company's name and picture on the page that the mail leads to", async () => {
  const { page, faults } = await browser.open({ locale: "ru-RU" });
  const named = { url: "https://project.example", publishableKey: "sb_publishable_x" };
  await page.setContent(await buildPage("welcome", { ...named, brand: "Школа продаж", logo: PIXEL }));
  await page.getByText("Школа продаж").waitFor();
  expect(await page.title()).toBe("Задайте пароль · Школа продаж");
  await expect
    .poll(() =>
      page.locator("img.logo").evaluate((logo) => (logo as unknown as { naturalWidth: number }).naturalWidth),
    )
    .toBe(1);
  expect(faults).toEqual([]);
});

test("a viewer is refused the page and every action behind it", async () => {
  const viewer = await school.signIn("viewer");
  const id = await insertStudent();
  await endMails();
  const { page } = await browser.open({ locale: "en-GB" });
  await page.goto(address);
  await page.locator("#sign-in-email").fill(viewer.credentials.email);
  await page.locator("#sign-in-password").fill(viewer.credentials.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "No access" }).waitFor();

  const resent = await viewer.client.rpc("message_resend_welcome", { p_student_id: id });
  const corrected = await viewer.client.rpc("tripwire_correct_email", { p_id: id, p_email: "x@example.com" });
  expect([resent.error?.code, corrected.error?.code]).toEqual(["42501", "42501"]);
  const created = await fetch(`${school.stack.functionsUrl}/tripwire-students`, {
    method: "POST",
    headers: {
      apikey: school.stack.publishableKey,
      authorization: `Bearer ${viewer.token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ full_name: "Eve", email: "eve@example.com" }),
  });
  expect(created.status).toBe(403);
  await created.body?.cancel();
  expect(await welcomes()).toBe(1);
  expect(await school.sql`select email from public.tripwire_users`).toEqual([{ email: "ada@example.com" }]);
});
