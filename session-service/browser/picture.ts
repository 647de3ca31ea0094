import fs from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";

/**
 * A picture of the page at which signing in stopped, for the operator: the last one only, readable by the service's user
 * only. Nothing of what was typed is in it: fields are emptied, and the password is taken out of texts, should the page show
 * it. Tells the texts that are in the picture.
 */
export async function takePicture(page: Page, file: string, secrets: readonly string[]): Promise<string> {
  await page.evaluate(withoutSecrets(secrets));
  const bytes = await page.screenshot({ timeout: 10_000 });
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, bytes, { mode: 0o600 });
  return await page.content();
}

/** Empties what can be typed into, and puts dots for each secret in texts and attributes, in frames of the same site too. */
function withoutSecrets(secrets: readonly string[]): string {
  return `((secrets) => {
  const clean = (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "…"), text);
  const work = (document) => {
    for (const field of document.querySelectorAll("input, textarea")) {
      field.value = "";
      field.removeAttribute("value");
    }
    const texts = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const cleaned = clean(texts.currentNode.nodeValue);
      if (cleaned !== texts.currentNode.nodeValue) texts.currentNode.nodeValue = cleaned;
    }
    for (const element of document.querySelectorAll("*"))
      for (const { name, value } of [...element.attributes])
        if (clean(value) !== value) element.setAttribute(name, clean(value));
    for (const frame of document.querySelectorAll("iframe"))
      try { if (frame.contentDocument) work(frame.contentDocument); } catch {}
  };
  work(document);
})(${JSON.stringify(secrets.filter((secret) => secret !== ""))})`;
}
