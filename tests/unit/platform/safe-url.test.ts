import { describe, expect, it } from "vitest";
import { isSafeUrl } from "#shared/platform/safe-url.ts";

describe("isSafeUrl", () => {
  it.each([
    "https://company.amocrm.ru",
    "https://203.0.113.7/x",
    "http://127.0.0.1:8000/x",
    "http://localhost",
    "http://[::1]:54321",
    "http://kong:8000",
    "http://10.1.2.3",
    "http://172.16.0.1",
    "http://192.168.0.1:99",
    "http://proxy.internal",
    "http://[fd00::5]",
  ])("takes %s", (url) => expect(isSafeUrl(url)).toBe(true));

  it.each([
    "http://company.amocrm.ru",
    "http://203.0.113.7",
    "http://172.32.0.1",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://internal.example",
    "http://[2001:db8::1]",
    "no URL",
  ])("refuses %s", (url) => expect(isSafeUrl(url)).toBe(false));
});
