import { afterAll, beforeAll, expect, test } from "vitest";
import { shareBrowser, type TestBrowser } from "./support/browser.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await shareBrowser();
});
afterAll(() => browser?.close());

test("the browser draws Latin, Russian and Kazakh letters with a font that it brought along", async () => {
  const { page } = await browser.open();
  await page.setContent(
    "<p id=a>Äpfel</p><p id=b>Ёжик</p><p id=c>Әліппе ғұлама қоңыр өрік ұшақ үкі һәм ың</p>",
  );
  const session = await page.context().newCDPSession(page);
  await session.send("DOM.enable");
  await session.send("CSS.enable");
  const { root } = await session.send("DOM.getDocument");
  for (const selector of ["#a", "#b", "#c"]) {
    const { nodeId } = await session.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    const { fonts } = await session.send("CSS.getPlatformFontsForNode", { nodeId });
    expect(fonts.map(({ familyName }) => familyName)).toEqual(["Open Sans"]);
  }
});

test("the browser tells of errors on the page and of requests to the outside, which it does not send", async () => {
  const { page, faults } = await browser.open();
  await page.setContent(
    "<script>setTimeout(() => { throw new Error('boom') })</script><img src=https://example.com/a.png>",
  );
  await expect
    .poll(() => faults)
    .toEqual(expect.arrayContaining(["boom", "asked for https://example.com/a.png"]));
});
