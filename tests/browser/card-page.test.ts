import { createHash } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPage } from "#dev/pages/build.ts";
import { type Person, type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { shareBrowser, type TestBrowser, type Width } from "./support/browser.ts";
import { axeFaults, layoutFaults } from "./support/layout.ts";

let school: SchoolProject;
let browser: TestBrowser;
let site: http.Server;
let address: string;

beforeAll(async () => {
  [school, browser] = await Promise.all([startSchool({ functions: false }), shareBrowser()]);
  const { url, publishableKey } = school.stack;
  const page = await buildPage("card", { url, publishableKey, brand: "Филармония" });
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

async function signIn(page: Page, { email, password }: Person["credentials"]): Promise<void> {
  await page.locator("#sign-in-email").fill(email);
  await page.locator("#sign-in-password").fill(password);
  await page.locator("#sign-in button[type=submit]").click();
}

/** What somebody bought, half a year ago and today. */
async function buy(email: string): Promise<void> {
  const [row] = await school.sql`select amocrm.loyalty_member_of(${email}, null, 'manual', null) as id`;
  await school.sql`insert into loyalty_orders (provider, external_id, member_id, amount, paid_at) values
    ('manual', ${`${email}-1`}, ${row?.["id"]}, 60000, now() - interval '180 days'),
    ('manual', ${`${email}-2`}, ${row?.["id"]}, 1000, now())`;
  await school.sql`select loyalty_spend(${row?.["id"]}, 500, ${`${email}-spend`})`;
}

test.each<[Width, string, "light" | "dark"]>([
  ["small", "ru-RU", "dark"],
  ["desktop", "en-GB", "light"],
])(
  "the card on a %s screen in %s, %s: balance, tier, what expires, history and a code",
  async (width, locale, scheme) => {
    const isRussian = locale === "ru-RU";
    const person = await school.signIn();
    await buy(person.credentials.email);
    const { page, faults } = await browser.open({ width, locale, scheme });
    await page.goto(address);
    expect(await page.title()).toBe(
      isRussian ? "Карта лояльности · Филармония" : "Loyalty card · Филармония",
    );
    expect([...(await layoutFaults(page)), ...(await axeFaults(page))]).toEqual([]);
    await signIn(page, person.credentials);
    await page.locator("#balance", { hasText: isRussian ? /2.500/ : "2,500" }).waitFor();
    expect(await page.locator("#tier").textContent()).toBe(
      isRussian ? "Серебро · возвращается 10 % баллами" : "Silver · 10 % come back as points",
    );
    expect(await page.locator("#pending").textContent()).toMatch(/^(Ещё )?100 /);
    expect(await page.locator("#expiry").textContent()).toMatch(
      isRussian ? /^2.500 сгорят .*г\.$/ : /^2,500 expire on \d/,
    );
    expect(await page.locator(".booking .points").allTextContents()).toEqual(
      isRussian ? ["-500", "+100", "+3\u00a0000"] : ["-500", "+100", "+3,000"],
    );

    await page.locator("#draw").click();
    const code = (await page.locator("#code:visible").textContent()) ?? "";
    const hash = createHash("sha256").update(code.replaceAll("-", "")).digest("hex");
    const [row] = await school.sql`select member.user_id from amocrm.loyalty_codes as code
      join loyalty_members as member on member.id = code.member_id where code.code_hash = ${hash}`;
    expect(row?.["user_id"]).toBe(person.id);
    expect([...(await layoutFaults(page)), ...(await axeFaults(page))]).toEqual([]);

    // The other language says the same, and nothing of the person stays after leaving.
    await page.locator(`[data-language=${isRussian ? "en" : "ru"}]`).click();
    await page.getByRole("heading", { name: isRussian ? "History" : "История" }).waitFor();
    await page.locator("#sign-out").click();
    await page.locator("#sign-in-view").waitFor();
    expect(await page.locator("body").textContent()).not.toContain(code);
    expect(await page.locator(".booking").count()).toBe(0);
    expect(faults).toEqual([]);
  },
);

test("the card of somebody new, of one who owes points, and without a connection", async () => {
  const fresh = await school.signIn();
  const { page, context } = await browser.open();
  await page.goto(address);
  await signIn(page, { ...fresh.credentials, password: "wrong" });
  await page.getByText("E-mail or password is wrong.").waitFor();
  await signIn(page, fresh.credentials);
  await page.getByText("There is nothing yet.").waitFor();
  expect(await page.locator("#balance").textContent()).toBe("0");
  expect(await page.locator("#expiry").textContent()).toBe("Nothing expires for now.");

  await buy(fresh.credentials.email);
  await school.sql`update loyalty_orders set refunded_amount = amount where external_id = ${`${fresh.credentials.email}-1`}`;
  await page.reload();
  await page.locator("#balance", { hasText: "-400" }).waitFor();
  expect(await page.locator("#expiry").textContent()).toContain("refunded orders");

  await context.route("**/rest/v1/**", (route) => route.abort());
  await page.locator("#draw").click();
  await page.getByText("No connection. Check the internet and try again.").waitFor();
});
