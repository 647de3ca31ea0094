import { expect, it } from "vitest";
import { isDummyPhone, normalizeEmail, normalizePhone } from "#shared/platform/contact-keys.ts";
import { asciiDomain, readableDomain } from "#shared/platform/international-domain.ts";
import { seededRandom } from "../amocrm/support/random.ts";
import { DUMMY_CASES, EMAIL_CASES, PHONE_CASES } from "./contact-key-cases.ts";

it.each(EMAIL_CASES)("normalizeEmail of %j is %j", (text, key) => {
  expect(normalizeEmail(text)).toBe(key);
});

it.each(PHONE_CASES)("normalizePhone of %j is %j", (text, key) => {
  expect(normalizePhone(text)).toBe(key);
});

it("normalizing a key once more changes nothing", () => {
  for (const [, key] of EMAIL_CASES) if (key !== null) expect(normalizeEmail(key)).toBe(key);
  for (const [, key] of PHONE_CASES) if (key !== null) expect(normalizePhone(key)).toBe(key);
});

it.each(DUMMY_CASES)("isDummyPhone of %j is %j", (text, isDummy) => {
  expect(isDummyPhone(text)).toBe(isDummy);
  if (isDummy) expect(normalizePhone(text)).toBeNull();
});

it("asciiDomain undoes what readableDomain did", () => {
  for (const domain of ["xn--80a1acny.xn--p1ai", "mail.example", "xn--mnchen-3ya.example", "xn--fiqs8s.cn"])
    expect(asciiDomain(readableDomain(domain))).toBe(domain);
});

it("normalizePhone finds the same number however its digits are spaced", () => {
  const random = seededRandom(7);
  const separators = ["", " ", "-", "(", ")", ".", "\u00a0", "\u200b"];
  const firsts = ["3", "4", "7", "8", "9"];
  for (let run = 0; run < 500; run++) {
    const national = `${firsts[Math.floor(random() * 5)]}${String(Math.floor(random() * 1e9)).padStart(9, "0")}`;
    const start = ["+7", "8", "7", "007", "", "+78", "+77", "8107"][Math.floor(random() * 8)] ?? "";
    const spaced = [...national]
      .map((digit) => digit + (separators[Math.floor(random() * 8)] ?? ""))
      .join("");
    expect(normalizePhone(start + spaced), start + spaced).toBe(`+7${national}`);
  }
});

it("normalizePhone gives nothing or what a country can have, for any digits at all", () => {
  const random = seededRandom(8);
  let keyCount = 0;
  for (let run = 0; run < 5000; run++) {
    const digits = Array.from({ length: Math.floor(random() * 20) }, () => Math.floor(random() * 10)).join(
      "",
    );
    for (const text of [digits, `+${digits}`]) {
      const phone = normalizePhone(text);
      if (phone === null) continue;
      keyCount += 1;
      expect(phone).toMatch(/^\+[1-9]\d{4,14}$/);
      expect(normalizePhone(phone)).toBe(phone);
    }
  }
  expect(keyCount).toBeGreaterThan(500);
});
