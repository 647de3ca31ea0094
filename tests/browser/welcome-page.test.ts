import fs from "node:fs";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MailSystem, startMailSystem } from "../stack/support/mail.ts";
import { shareBrowser, type TestBrowser, type Width } from "./support/browser.ts";

/** Pictures to be looked at; kept only if a folder is named. */
const PICTURES = process.env["PICTURES_DIR"];

let system: MailSystem;
let browser: TestBrowser;
beforeAll(async () => {
  [system, browser] = await Promise.all([startMailSystem(), shareBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** Admits a student and answers what the mail says. */
async function mailOf(email: string, fullName?: string) {
  const id = await system.admit(email, fullName);
  await system.settled();
  const mail = system.resend.simulator.mails().find(({ body }) => String(body.to) === email);
  if (mail === undefined) throw new Error("no mail was sent");
  const link = /\S+#token=\S+/.exec(mail.body.text ?? "")?.[0] ?? "";
  return { id, mail, link, mailUrl: `${system.resend.url}/mails/${mail.id}` };
}

async function keep(page: { screenshot(options: object): Promise<unknown> }, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  fs.mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
}
const signIn = (email: string, password: string) =>
  createClient(system.stack.url, system.stack.publishableKey, {
    auth: { persistSession: false },
  }).auth.signInWithPassword({
    email,
    password,
  });

describe("the way from the mail to the course", () => {
  test.each<[Width, string]>([
    ["phone", "ru-RU"],
    ["desktop", "en-GB"],
  ])("works on a %s in %s: button in the mail, button on the page, password, done", async (width, locale) => {
    const email = `student-${width}@school.example`;
    const { mailUrl } = await mailOf(email);
    const { page, faults } = await browser.open({ width, locale });
    const isRussian = locale === "ru-RU";
    await page.goto(mailUrl);
    await keep(page, `mail-${width}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.getByRole("link", { name: "Задать пароль", exact: true }).click();
    await page.getByRole("heading", { name: isRussian ? "Задайте пароль" : "Set a password" }).waitFor();
    await keep(page, `press-${width}`);
    await page.getByRole("button", { name: isRussian ? "Продолжить" : "Continue" }).click();
    await page.getByRole("heading", { name: isRussian ? "Новый пароль" : "New password" }).waitFor();
    // No session stays in the address or the history.
    expect(page.url()).toBe(system.pages.welcomeUrl);

    const field = page.locator("#password");
    await field.fill("short");
    await page.getByRole("button", { name: isRussian ? "Сохранить пароль" : "Save the password" }).click();
    await page.getByRole("alert").waitFor();
    await keep(page, `password-${width}`);
    await field.fill(`a long password ${width}`);
    await page.getByRole("button", { name: isRussian ? "Сохранить пароль" : "Save the password" }).click();
    await page.getByRole("heading", { name: isRussian ? "Готово" : "Done" }).waitFor();
    await keep(page, `done-${width}`);
    expect(await page.getByRole("link").getAttribute("href")).toBe("https://school.example/course");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(faults).toEqual([]);

    const { data, error } = await signIn(email, `a long password ${width}`);
    expect(error).toBeNull();
    expect(data.user?.email).toBe(email);
  });

  test("is spoilt by no scanner: opening the link, also with scripts, uses nothing up", async () => {
    const { link, id } = await mailOf("scanned@school.example");
    for (const method of ["GET", "HEAD"]) await fetch(link, { method });
    for (const method of ["GET", "HEAD"]) {
      expect((await fetch(`${system.stack.functionsUrl}/tripwire-welcome`, { method })).status).toBe(405);
    }
    const { page } = await browser.open();
    await page.goto(link);
    await page.getByRole("heading").first().waitFor();
    expect(await system.sql`select press_count from amocrm.welcome_links where student_id = ${id}`).toEqual([
      { press_count: 0 },
    ]);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: "New password" }).waitFor();
  });

  test("can be begun anew by one who closed the page, and is over once a password is set", async () => {
    const { link } = await mailOf("again@school.example");
    const { page } = await browser.open();
    for (let round = 0; round < 2; round++) {
      await page.goto("about:blank");
      await page.goto(link);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { name: "New password" }).waitFor();
    }
    await page.locator("#password").fill("a long password");
    await page.getByRole("button", { name: "Save the password" }).click();
    await page.getByRole("heading", { name: "Done" }).waitFor();
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { name: "A password is set already" }).waitFor();
    await page.getByRole("link", { name: "Go to the course" }).waitFor();
  });

  test("tells an expired link, a wrong one, and one pressed too often", async () => {
    const { link, id } = await mailOf("trouble@school.example");
    const { page } = await browser.open();
    const pressed = async (url: string, heading: string) => {
      await page.goto("about:blank");
      await page.goto(url);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { name: heading }).waitFor();
    };
    await pressed(`${link.slice(0, -3)}abc`, "This link does not work");
    await pressed(link, "New password");
    await system.sql`update amocrm.welcome_links set recent_press_count = 5 where student_id = ${id}`;
    await pressed(link, "Too many tries");
    await system.sql`update amocrm.welcome_links set expires_at = now() where student_id = ${id}`;
    await pressed(link, "The link has expired");
    await page.goto("about:blank");
    await page.goto(`${system.pages.welcomeUrl}#error=access_denied&error_code=otp_expired`);
    await page.getByRole("heading", { name: "Open the link again" }).waitFor();
    await page.getByRole("button", { name: "Русский" }).click();
    await page.getByRole("heading", { name: "Откройте ссылку ещё раз" }).waitFor();
  });
});

test("a link with markup in its token shows none of it", async () => {
  const { page, faults } = await browser.open();
  await page.goto(`${system.pages.welcomeUrl}#token="><img src=x onerror=alert(1)>`);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  expect(faults).toEqual([]);
});

test.each<Width>(["phone", "desktop"])("a mail with a long name and address fits a %s", async (width) => {
  const { page } = await browser.open({ width });
  const { mailUrl } = await mailOf(
    `${"a-very-long-address-".repeat(3)}${width}@a-school-with-a-long-name.example`,
    "Нұрсұлтан Қуанышбекұлы Әбдірахманов-Төлегенов",
  );
  await page.goto(mailUrl);
  await keep(page, `long-${width}`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await page.emulateMedia({ colorScheme: "dark" });
  await keep(page, `dark-${width}`);
});
