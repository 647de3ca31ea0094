import fs from "node:fs";
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/min";
import examples from "libphonenumber-js/mobile/examples";
import { expect, it } from "vitest";
import { asSql, asTypeScript, callingCodes, SQL_FILE, TYPESCRIPT_FILE } from "#dev/phones/calling-codes.ts";
import { isDummyPhone, normalizePhone } from "#shared/platform/contact-keys.ts";
import { seededRandom } from "../../amocrm/support/random.ts";

it.each([
  [SQL_FILE, asSql],
  [TYPESCRIPT_FILE, asTypeScript],
])("%s is what `npm run calling-codes` makes", (file, make) => {
  expect(fs.readFileSync(file, "utf8")).toBe(make());
});

it("no calling code begins another one, so that a number has one country", () => {
  const codes = callingCodes().map(([code]) => code);
  expect(codes.filter((code) => codes.some((other) => other !== code && code.startsWith(other)))).toEqual([]);
});

it("every country's own example of a mobile number is a key", () => {
  const numbers = getCountries().flatMap((country) => getExampleNumber(country, examples)?.number ?? []);
  expect(numbers.length).toBeGreaterThan(200);
  // Ivory Coast's is 01 23 45 67 89.
  expect(numbers.filter((number) => normalizePhone(number) !== number && !isDummyPhone(number))).toEqual([]);
});

it("whatever the library finds valid is a key, and a key of +7 is one that Russia or Kazakhstan can have", () => {
  const random = seededRandom(9);
  const wrong: string[] = [];
  let validCount = 0;
  for (const [code] of callingCodes()) {
    for (let run = 0; run < 100; run++) {
      // Inside of Russia there are longer ones, which nobody outside of it can dial.
      const length = code === "7" ? 10 : 4 + Math.floor(random() * (12 - code.length));
      const number = `+${code}${Array.from({ length }, () => Math.floor(random() * 10)).join("")}`;
      const read = parsePhoneNumberFromString(number);
      // The library mends a number that repeats its trunk prefix; here that is no key but for +7.
      const isValid = read?.isValid() === true && read.number === number;
      if (isValid) validCount += 1;
      if (isValid && normalizePhone(number) !== number) wrong.push(number);
      if (code === "7" && normalizePhone(number) === number && read?.isPossible() !== true)
        wrong.push(number);
    }
  }
  expect(wrong).toEqual([]);
  expect(validCount).toBeGreaterThan(1000);
});
