import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildPage } from "#dev/pages/build.ts";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { shareBrowser, type TestBrowser, type Width } from "./support/browser.ts";

let school: SchoolProject;
let browser: TestBrowser;
let site: http.Server;
let address: string;
let manager: Person;

beforeAll(async () => {
  [school, browser] = await Promise.all([startSchool(), shareBrowser()]);
  manager = await school.signIn("sales_manager");
  const { url, publishableKey } = school.stack;
  const page = await buildPage("managers", { url, publishableKey });
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
});

async function open(options: { width?: Width; locale?: string } = {}) {
  const opened = await browser.open(options);
  await opened.page.goto(address);
  return opened;
}

async function signIn(page: Page, { email, password }: Person["credentials"]): Promise<void> {
  await page.getByLabel("E-mail").first().fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function fill(page: Page, values: { name: string; email: string; phone?: string }): Promise<void> {
  await page.getByLabel("Full name").fill(values.name);
  await page.locator("#email").fill(values.email);
  await page.locator("#phone").fill(values.phone ?? "");
  await page.getByRole("button", { name: "Create student" }).click();
}

describe("the managers' page", () => {
  test.each<Width>(["phone", "desktop"])(
    "lets a manager sign in, create a student and see the list, on a %s",
    async (width) => {
      const { page, context, faults } = await open({ width });
      await signIn(page, manager.credentials);
      await page.getByText("There are no students yet.").waitFor();

      await fill(page, { name: "Әсел Нұрланқызы", email: "Asel@Example.com", phone: "8 707 123 45 67" });
      await page.getByText("Әсел Нұрланқызы: Created. The welcome letter goes to asel@example.com").waitFor();
      const row = page.getByRole("row").filter({ hasText: "asel@example.com" });
      await row.waitFor();
      expect(await row.innerText()).toMatch(/Әсел Нұрланқызы[\s\S]*\+77071234567[\s\S]*0 of 3[\s\S]*not yet/);

      await fill(page, { name: "Another", email: "asel@example.com" });
      await page.getByText(/Әсел Нұрланқызы: Already a student since/).waitFor();
      expect(await school.sql`select from public.tripwire_users`).toHaveLength(1);

      await school.sql`update amocrm.outbox set state = 'dead', is_fresh = false, last_error_code = 'a_code_that_is_rather_long_to_read'
      where subject_id = (select id from public.tripwire_users)`;
      await page.getByRole("button", { name: "Refresh" }).click();
      // Of the mail and of the deal.
      await page.getByText("a_code_that_is_rather_long_to_read").nth(1).waitFor();
      await page.getByText("not sent").waitFor();
      // Nothing wider than the screen, and a second visit needs no second sign-in.
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      await page.reload();
      await page.getByRole("row").filter({ hasText: "asel@example.com" }).waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      expect(await page.getByText("asel@example.com").count()).toBe(0);
      expect(faults).toEqual([]);
      await context.close();
    },
  );

  test("names the faulty field in words, and marks it for a screen reader", async () => {
    const { page, context } = await open();
    await signIn(page, manager.credentials);
    await fill(page, { name: "Ada", email: "ada@", phone: "12" });
    await page.getByText("Enter a valid e-mail address.").waitFor();
    await page.getByText("10 digits, or + and the country code.").waitFor();
    const email = page.locator("#email");
    expect(await email.getAttribute("aria-invalid")).toBe("true");
    expect(await email.evaluate((input) => document.activeElement === input)).toBe(true);
    expect(await page.locator("#full_name").getAttribute("aria-invalid")).toBe("false");
    await fill(page, { name: " ", email: "" });
    await page.getByText("Enter the name.").waitFor();
    expect(await school.sql`select from public.tripwire_users`).toHaveLength(0);
    await context.close();
  });

  test("says so when the password is wrong, the account is no manager's, or the line is down", async () => {
    const { page, context } = await open();
    await signIn(page, { ...manager.credentials, password: "wrong" });
    await page.getByText("E-mail or password is wrong.").waitFor();
    const student = await school.signIn();
    await signIn(page, student.credentials);
    await page.getByRole("heading", { name: "No access" }).waitFor();
    expect(await page.getByRole("button", { name: "Create student" }).isVisible()).toBe(false);
    await page.getByRole("button", { name: "Sign out" }).click();

    await signIn(page, manager.credentials);
    await page.getByText("There are no students yet.").waitFor();
    await page.route("**/functions/v1/**", (route) => route.abort());
    await fill(page, { name: "Ada", email: "ada@example.com" });
    await page.getByText(/No connection/).waitFor();
    expect(await page.locator("#email").inputValue()).toBe("ada@example.com");
    await page.unroute("**/functions/v1/**");
    await page.getByRole("button", { name: "Create student" }).click();
    await page.getByText(/Ada: Created/).waitFor();
    await context.close();
  });

  test("speaks Russian to a Russian browser, and the other language when asked", async () => {
    const { page, context } = await open({ locale: "ru-RU" });
    await page.getByRole("heading", { name: "Вход" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("ru");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await context.close();
  });

  test("shows names as text, searches them literally, and loads further pages", async () => {
    const name = '<img src=x onerror=alert(1)> 100% "quoted", (really)';
    await school.sql`insert into public.tripwire_users (full_name, email, created_at)
      select 'Student ' || number, 's' || number || '@example.com', now() - number * interval '1 hour' from generate_series(1, 60) as number`;
    await school.sql`insert into public.tripwire_users (full_name, email) values (${name}, 'odd@example.com')`;
    const { page, context, faults } = await open();
    await signIn(page, manager.credentials);
    await page.getByText(name).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(50);
    await page.getByRole("button", { name: "Show more" }).click();
    await expect.poll(() => page.locator("tbody tr").count()).toBe(61);
    for (const [words, count] of [
      ['100% "quoted", (', 1],
      ["%", 1],
      ["STUDENT 1", 11],
      ["nobody", 0],
    ] as const) {
      await page.getByLabel("Search by name, e-mail or phone").fill(words);
      await expect.poll(() => page.locator("tbody tr").count()).toBe(count);
    }
    await page.getByText("Nobody matches this search.").waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});

test("every field and button of the page has a name for a screen reader", async () => {
  const { page, context } = await open();
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement | HTMLButtonElement>("input, button")]
      .filter((one) => !one.ariaLabel && !one.textContent?.trim() && !one.labels?.[0]?.textContent?.trim())
      .map((one) => one.outerHTML),
  );
  expect(nameless).toEqual([]);
  await context.close();
});
