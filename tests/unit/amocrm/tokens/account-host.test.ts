import { describe, expect, it } from "vitest";
import { accountOriginOf, consentUrl } from "#shared/amocrm/tokens/account-host.ts";

describe("the account that a redirect names", () => {
  it.each([
    ["company.amocrm.ru", "https://company.amocrm.ru"],
    ["Company.AMOCRM.ru", "https://company.amocrm.ru"],
    ["https://company.amocrm.com", "https://company.amocrm.com"],
    ["https://my-company.kommo.com/", "https://my-company.kommo.com"],
    ["https://company.kommo.com/settings/widgets/", "https://company.kommo.com"],
    ["xn--80ak6aa92e.amocrm.ru", "https://xn--80ak6aa92e.amocrm.ru"],
  ])("is taken: %s", (name, origin) => {
    expect(accountOriginOf(name, null)).toBe(origin);
  });

  it.each([
    "",
    "amocrm.ru",
    "www.amocrm.ru",
    "evil-amocrm.ru",
    "evilamocrm.ru",
    "amocrm.ru.evil.com",
    "company.amocrm.ru.evil.com",
    "company.amocrm.ru.",
    "company..amocrm.ru",
    ".amocrm.ru",
    "-company.amocrm.ru",
    "a.company.amocrm.ru",
    "http://company.amocrm.ru",
    "ftp://company.amocrm.ru",
    "//company.amocrm.ru",
    "company.amocrm.ru:443",
    "https://company.amocrm.ru:8443",
    "user@company.amocrm.ru",
    "https://company.amocrm.ru@evil.com",
    "https://evil.com@company.amocrm.ru",
    "https://evil.com/company.amocrm.ru",
    "https://evil.com\\.company.amocrm.ru",
    "https://evil.com#.company.amocrm.ru",
    "company.amocrm.ru?x",
    "company.amocrm.ru#x",
    "company.amocrm.ru/x",
    "company.amocrm.ru%2eevil.com",
    "company%2eamocrm.ru",
    " company.amocrm.ru",
    "company.amocrm.ru\n",
    "company.amocrm.ru\0",
    "компания.amocrm.ru",
    "cоmpany.amocrm.ru",
    "company.аmocrm.ru",
    "company。amocrm.ru",
    "company.amocrm.ruſ",
    "127.0.0.1:4911",
    "localhost",
    `${"a".repeat(64)}.amocrm.ru`,
  ])("is none: %j", (name) => {
    expect(accountOriginOf(name, null)).toBeNull();
  });

  it.each([
    ["a stand-in on this machine", "http://127.0.0.1:4911", "127.0.0.1:4911", "http://127.0.0.1:4911"],
    ["the same as a URL", "http://127.0.0.1:4911", "http://127.0.0.1:4911/", "http://127.0.0.1:4911"],
    ["its neighbour", "http://127.0.0.1:4911", "127.0.0.1:4912", "http://127.0.0.1:4912"],
    ["a port that is none", "http://127.0.0.1:4911", "127.0.0.1:99999", null],
    ["this machine for a proxy elsewhere", "https://proxy.example", "127.0.0.1:4912", null],
    ["a neighbour of a proxy", "https://proxy.example", "other.example", null],
    ["another scheme", "https://proxy.example", "http://proxy.example", null],
    ["a real account behind a proxy", "https://proxy.example", "company.amocrm.ru", "https://proxy.example"],
    ["a second account", "https://one.amocrm.ru", "two.amocrm.ru", "https://two.amocrm.ru"],
    ["a stranger", "http://127.0.0.1:4911", "127.0.0.1.evil.com", null],
  ])("with AMOCRM_BASE_URL, %s", (_, baseUrl, name, origin) => {
    expect(accountOriginOf(name, baseUrl)).toBe(origin);
  });
});

describe("the consent page", () => {
  it.each([
    ["https://company.amocrm.ru", "https://www.amocrm.ru/oauth"],
    ["https://company.amocrm.com", "https://www.amocrm.com/oauth"],
    ["https://company.kommo.com", "https://www.kommo.com/oauth"],
    ["https://www.amocrm.ru", "https://www.amocrm.ru/oauth"],
    ["http://127.0.0.1:4911", "http://127.0.0.1:4911/oauth"],
    ["https://amocrm.ru.evil.com", "https://amocrm.ru.evil.com/oauth"],
  ])("of %s is on the shared host of its domain, else its own", (origin, page) => {
    expect(consentUrl(origin, "id", "st")).toBe(`${page}?client_id=id&state=st&mode=popup`);
  });

  it("carries what it is given and nothing more", () => {
    const url = new URL(consentUrl("https://a.amocrm.ru", "a&state=b#", "c d"));
    expect([...url.searchParams]).toEqual([
      ["client_id", "a&state=b#"],
      ["state", "c d"],
      ["mode", "popup"],
    ]);
  });
});
