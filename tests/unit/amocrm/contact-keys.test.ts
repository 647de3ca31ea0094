import { expect, it } from "vitest";
import { normalizeEmail, normalizePhone } from "../../../supabase/functions/_shared/amocrm/contact-keys.ts";
import { EMAIL_CASES, PHONE_CASES } from "./contact-key-cases.ts";
import { seededRandom } from "./support/random.ts";

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

it("normalizePhone finds the same number however its digits are spaced", () => {
  const random = seededRandom(7);
  const separators = ["", " ", "-", "(", ")", ".", "\u00a0", "\u200b"];
  for (let run = 0; run < 500; run++) {
    const national = String(Math.floor(random() * 9e9) + 1e9);
    const start = ["+7", "8", "7", "007", ""][Math.floor(random() * 5)] ?? "";
    const spaced = [...national]
      .map((digit) => digit + (separators[Math.floor(random() * 8)] ?? ""))
      .join("");
    expect(normalizePhone(start + spaced), start + spaced).toBe(`+7${national}`);
  }
});

it("normalizePhone gives nothing or a plus with 7 to 15 digits for any digits at all", () => {
  const random = seededRandom(8);
  for (let run = 0; run < 500; run++) {
    const digits = Array.from({ length: Math.floor(random() * 20) }, () => Math.floor(random() * 10)).join(
      "",
    );
    for (const text of [digits, `+${digits}`]) {
      const phone = normalizePhone(text);
      if (phone !== null) expect(phone).toMatch(/^\+\d{7,15}$/);
    }
  }
});
