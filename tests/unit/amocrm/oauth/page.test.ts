import { describe, expect, it } from "vitest";
import { CALLBACK_PAGES } from "#shared/amocrm/oauth/callback-pages.ts";
import { pageAnswer, plainName } from "#shared/amocrm/oauth/page.ts";
import {
  connectedPage,
  refused,
  refusedOtherAccount,
  refusedUnconfigured,
} from "#shared/amocrm/oauth/pages.ts";
import { START_PAGES } from "#shared/amocrm/oauth/start-pages.ts";

const FACTS = {
  host: "company.amocrm.ru",
  accountId: 5550001,
  accountName: "Company",
  expiresAt: "2031-08-05T12:00:00+00:00",
  isSwitched: false,
};

describe("a page", () => {
  it.each([
    [null, "✗ The link"],
    ["", "✗ The link"],
    ["de-DE,de;q=0.9", "✗ The link"],
    ["en-US,en;q=0.9,ru;q=0.8", "✗ The link"],
    ["ru", "✗ Ссылка"],
    ["ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "✗ Ссылка"],
    ["RU, en", "✗ The link"],
    ["en;q=0.1, ru;q=0.2", "✗ Ссылка"],
    ["ru;q=nonsense", "✗ The link"],
    [`${"x,".repeat(5000)}ru`, "✗ The link"],
  ])("in the language of %j comes first, the other follows", async (language, beginning) => {
    const text = await pageAnswer(refused("link_expired").page, language).text();
    expect(text.startsWith(beginning)).toBe(true);
    expect(text).toContain("Ссылка устарела");
    expect(text).toContain("The link has expired");
  });

  it("says in both languages what happened, what to do, and that nothing has changed", () => {
    for (const [code, page] of Object.entries({ ...START_PAGES, ...CALLBACK_PAGES })) {
      expect(page.status, code).toBeGreaterThanOrEqual(400);
      for (const { title, text } of [page.ru, page.en]) {
        expect(title, code).toMatch(/^✗ /);
        expect(text, code).toHaveLength(3);
        expect(`${title}${text.join("")}`, code).not.toMatch(/[<>]/);
      }
      expect(page.ru.text.at(-1), code).toBe("Ничего не изменилось.");
      expect(page.en.text.at(-1), code).toBe("Nothing has changed.");
    }
  });

  it("may not be cached, framed, sniffed, indexed, or told to the next site", () => {
    const { headers } = pageAnswer(connectedPage(FACTS), null);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-robots-tag": "noindex",
    });
  });

  it("names account, host, id and until when", async () => {
    const text = await pageAnswer(connectedPage(FACTS), null).text();
    expect(text).toContain("Account: Company (company.amocrm.ru, 5550001)");
    expect(text).toContain("2031-08-05");
    expect(text).not.toContain("paused");
  });

  it("says that the account could not be read, or that it has changed", () => {
    expect(connectedPage({ ...FACTS, accountName: null }).en.text.join(" ")).toContain("could not be read");
    expect(connectedPage({ ...FACTS, isSwitched: true }).en.text.join(" ")).toContain("sending is paused");
  });

  it("names both accounts, and the variables that are missing", () => {
    const other = refusedOtherAccount(1, 2);
    expect([other.code, other.page.status]).toEqual(["other_account", 409]);
    expect(other.page.en.text[0]).toMatch(/Account 1 .* account 2\./);
    expect(refusedUnconfigured("AMOCRM_CLIENT_ID is not set").page.ru.text[0]).toBe(
      "AMOCRM_CLIENT_ID is not set",
    );
  });
});

describe("a name that is not ours", () => {
  it.each([
    ["ООО «Ромашка» & Co", "ООО «Ромашка» & Co"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["line\r\nSet-Cookie: a=b", "line  Set-Cookie: a=b"],
    ["\u202Egnp.exe", "gnp.exe"],
    ["a\u0000b\u2028c", "a b c"],
    ["é".repeat(120), `${"é".repeat(100)}…`],
  ])("cannot break the page: %j", (name, plain) => {
    expect(plainName(name)).toBe(plain);
  });
});
