import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type InstalledBrowser, installBrowser } from "./installed.ts";

/** One site is opened, the account's own; and a service's user, or a container, often may make no sandbox. */
export const BROWSER_FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
];

/** The Chromium at a path that somebody named; null: the one that npm or the system brought. */
export function browserAt(path: string | null): InstalledBrowser {
  return path === null || path === "" ? installBrowser() : { executable: path, environment: {} };
}

/** A browser with one empty page. */
export interface OpenBrowser {
  context: BrowserContext;
  page: Page;
  close(): Promise<void>;
}

/** What is used of a browser that was started. */
export type StartedBrowser = Pick<Browser, "newContext" | "close">;

interface LaunchOptions {
  browserPath: string | null;
  isVisible: boolean;
}

const LAUNCH_TIMEOUT_MS = 60_000;

/**
 * Starts a browser that remembers nothing and is told nothing: its profile is made for the occasion and goes with it, and
 * the service's variables, of which one is the password, stay here.
 */
export async function openBrowser(
  options: LaunchOptions & { locale?: string; launch?: (options: LaunchOptions) => Promise<StartedBrowser> },
): Promise<OpenBrowser> {
  const browser = await (options.launch ?? launchBrowser)(options);
  const context = await browser.newContext({ locale: options.locale ?? "ru-RU", acceptDownloads: false });
  return { context, page: await context.newPage(), close: () => browser.close() };
}

async function launchBrowser(options: LaunchOptions): Promise<StartedBrowser> {
  const { executable, environment } = browserAt(options.browserPath);
  const passed = [
    "PATH",
    "HOME",
    "TMPDIR",
    ...(options.isVisible ? ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"] : []),
  ];
  const own = passed.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return await chromium.launch({
    executablePath: executable,
    args: [...BROWSER_FLAGS],
    headless: !options.isVisible,
    timeout: LAUNCH_TIMEOUT_MS,
    // The service ends by itself, and in order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    env: { HOME: "/tmp", ...Object.fromEntries(own), ...environment },
  });
}
