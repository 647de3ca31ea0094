import fs from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "playwright-core";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What a reader would stumble over: a page wider than the screen, words that are cut, controls that lie on one another. */
export async function layoutFaults(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const faults: string[] = [];
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    if (wide > 0) faults.push(`the page is ${wide} px wider than the screen`);
    const shown = (element: Element): boolean =>
      element.getClientRects().length > 0 && getComputedStyle(element).clipPath === "none";
    const name = (element: Element): string =>
      `${element.tagName} ${element.textContent?.trim().slice(0, 40)}`;
    for (const element of document.querySelectorAll("h1, h2, h3, button, a, dt, dd, td, .badge, label, p")) {
      if (
        shown(element) &&
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).display !== "inline"
      )
        faults.push(`cut: ${name(element)}`);
      const { left, right } = element.getBoundingClientRect();
      if (
        shown(element) &&
        !element.classList.contains("skip") &&
        (left < -1 || right > window.innerWidth + 1)
      )
        faults.push(`outside: ${name(element)}`);
    }
    // A word that has to be broken to fit, and the hint of a field that has no room for it.
    const ruler = document.createElement("canvas").getContext("2d");
    const roomOf = (element: Element): number => {
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      return element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
    };
    const widthOf = (element: Element, text: string): number => {
      if (ruler === null) return 0;
      ruler.font = getComputedStyle(element).font;
      return ruler.measureText(text).width;
    };
    for (const element of document.querySelectorAll("h1, h2, h3, th, dt, button, .tabs a, .legend span")) {
      if (!shown(element)) continue;
      for (const text of element.childNodes) {
        if (text.nodeType !== Node.TEXT_NODE) continue;
        for (const { 0: word, index } of (text.textContent ?? "").matchAll(/[^\s-]+/g)) {
          const place = document.createRange();
          place.setStart(text, index);
          place.setEnd(text, index + word.length);
          // On two lines it has a rectangle on each.
          if (new Set([...place.getClientRects()].map(({ top }) => Math.round(top))).size > 1)
            faults.push(`broken: ${word}`);
        }
      }
    }
    for (const input of document.querySelectorAll("input")) {
      if (shown(input) && input.value === "" && widthOf(input, input.placeholder) > roomOf(input) + 1)
        faults.push(`cut hint: ${input.placeholder}`);
    }
    const controls = [...document.querySelectorAll("button, input, select, .tabs a")].filter(shown);
    controls.forEach((one, place) => {
      const a = one.getBoundingClientRect();
      for (const other of controls.slice(place + 1)) {
        const b = other.getBoundingClientRect();
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) faults.push(`overlap: ${name(one)} and ${name(other)}`);
      }
    });
    return faults;
  });
}

/** What axe finds that keeps somebody from using the page: its impacts serious and critical. */
export async function axeFaults(page: Page): Promise<string[]> {
  // The page's policy allows no script of others, so it comes by the debugger; once, as it is larger than the page.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  return await page.evaluate(async () => {
    // Of what passes nothing is told, and no selector of what does not: nobody reads either.
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({
      resultTypes: ["violations"],
      selectors: false,
    });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
  });
}
