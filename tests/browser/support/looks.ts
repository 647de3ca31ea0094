import type { Page } from "playwright-core";
import { drawn } from "../../support/sizes.ts";
import type { Dashboard } from "./dashboard.ts";
import { axeFaults, layoutFaults } from "./layout.ts";

const ALL_LOOKS = [
  { width: "small", locale: "ru-RU", scheme: "dark" },
  { width: "small", locale: "en-GB", scheme: "light" },
  { width: "large", locale: "en-GB", scheme: "light" },
  { width: "large", locale: "ru-RU", scheme: "dark" },
] as const;
/** Widths, languages and colours in which each screen is looked at; the gate's two are each other's opposite. */
export const LOOKS = drawn(ALL_LOOKS, 2);

/** By screen, what its `#fault` tells and what a reader or axe would stumble over; a picture of each in DASHBOARD_PICTURES. */
export async function screenFaults(
  { turnTo }: Dashboard,
  page: Page,
  screens: readonly string[],
  { width, locale }: (typeof LOOKS)[number],
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const screen of screens) {
    await turnTo(page, screen);
    const told = await page.locator("#fault").innerText();
    const bad = [...(told === "" ? [] : [told]), ...(await layoutFaults(page)), ...(await axeFaults(page))];
    if (bad.length > 0) found[screen] = bad;
    const folder = process.env["DASHBOARD_PICTURES"];
    const name = screen.replace(/&(by)?.*/, (_, by) => (by === "by" ? "-by" : ""));
    if (folder)
      await page.screenshot({
        path: `${folder}/${name}-${width}-${locale}.png`,
        fullPage: true,
        scale: "css",
      });
  }
  return found;
}
