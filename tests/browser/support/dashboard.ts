import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { buildPage } from "#dev/pages/build.ts";
import type { Stack } from "#dev/stack/stack.ts";
import type { Person } from "../../stack/school/school-project.ts";
import { shareBrowser, type TestBrowser } from "./browser.ts";

export const LIMITS_MS = 300_000;

/** The dashboard's page of a project, in a browser. */
export interface Dashboard {
  /** A new page on which this person has signed in, at an address such as `?view=pace`. */
  open(
    query: string,
    person: Person,
    options?: Parameters<TestBrowser["open"]>[0] & { hasClock?: boolean },
  ): ReturnType<TestBrowser["open"]>;
  /** Goes to a screen as a link of a colleague would, and waits until it is drawn. */
  goTo(page: Page, query: string): Promise<void>;
  /** Turns the page that is there to a screen, as its own links do, and waits until it is drawn: without a load. */
  turnTo(page: Page, query: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startDashboard({
  url,
  publishableKey,
}: Pick<Stack, "url" | "publishableKey">): Promise<Dashboard> {
  const browser = await shareBrowser();
  const page = await buildPage("dashboard", { url, publishableKey });
  const site = http.createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(page);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  return {
    async open(query, person, { hasClock = false, ...options } = {}) {
      const opened = await browser.open(options);
      if (hasClock) await opened.page.clock.install();
      await opened.page.goto(`${address}${query}`);
      await opened.page.locator("#sign-in-email").fill(person.credentials.email);
      await opened.page.locator("#sign-in-password").fill(person.credentials.password);
      await opened.page.locator("#sign-in-password").press("Enter");
      return opened;
    },
    async goTo(page, query) {
      await page.goto(`${address}?view=${query}`);
      await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
    },
    async turnTo(page, query) {
      await page.evaluate((search) => {
        document.querySelector("#screen")?.replaceChildren();
        history.pushState(null, "", search);
        dispatchEvent(new PopStateEvent("popstate"));
      }, `?view=${query}`);
      await page.locator("#screen > *").first().waitFor({ timeout: LIMITS_MS });
    },
    async stop() {
      site.close();
      await browser.close();
    },
  };
}

/** Presses the button by the keyboard. */
export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).focus();
  await page.keyboard.press("Enter");
}
