import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { BROWSER_FLAGS, browserAt } from "#session-service/browser/launch.ts";
import { ofWorker } from "./of-worker.ts";

/** The widths at which a page must be good: a phone's and a desktop's, usual and extreme. */
const WIDTHS = { small: 360, phone: 390, desktop: 1280, large: 1440 } as const;
export type Width = keyof typeof WIDTHS;

const HEIGHT = 844;

/** A real browser that reaches this machine and nothing else. */
export interface TestBrowser {
  /** A page of its own session. What the page logs as an error, throws or fails to load is in `faults`. */
  open(options?: OpenOptions): Promise<{ page: Page; context: BrowserContext; faults: string[] }>;
  close(): Promise<void>;
}

interface OpenOptions {
  width?: Width;
  /** The browser's language, "ru-RU" or "en-GB". */
  locale?: string;
  scheme?: "light" | "dark";
}

/** The browser that `npm ci` brought. `BROWSER_PATH` names another Chromium, where that one cannot run. */
async function launch(): Promise<Browser> {
  const { executable, environment } = browserAt(process.env["BROWSER_PATH"] ?? null);
  return await chromium.launch({
    executablePath: executable,
    args: [...BROWSER_FLAGS],
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/tmp", ...environment },
  });
}

/** A start costs more than most tests do, and a context keeps nothing of another: so one for all files of a worker. */
export const browserOfWorker = ofWorker(launch, (browser) => browser.close());

/** The worker's browser, of which `close` closes what was opened here. */
export async function shareBrowser(): Promise<TestBrowser> {
  return over(await browserOfWorker(), async () => undefined);
}

/** A browser of one's own. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser = await launch();
  return over(browser, () => browser.close());
}

function over(browser: Browser, end: () => Promise<void>): TestBrowser {
  const contexts: BrowserContext[] = [];
  return {
    async open({ width = "desktop", locale = "en-GB", scheme = "light" } = {}) {
      const context = await browser.newContext({
        locale,
        colorScheme: scheme,
        timezoneId: "Asia/Almaty",
        viewport: { width: WIDTHS[width], height: HEIGHT },
        deviceScaleFactor: 2,
      });
      contexts.push(context);
      const faults: string[] = [];
      await context.route(
        (url) => !["127.0.0.1", "localhost", ""].includes(url.hostname),
        async (route) => {
          faults.push(`asked for ${route.request().url()}`);
          await route.abort();
        },
      );
      const page = await context.newPage();
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (line) => {
        if (line.type() === "error") faults.push(line.text());
      });
      return { page, context, faults };
    },
    async close() {
      for (const context of contexts) await context.close();
      await end();
    },
  };
}
