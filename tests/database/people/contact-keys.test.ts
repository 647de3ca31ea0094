import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { callingCodes } from "#dev/phones/calling-codes.ts";
import { isDummyPhone, normalizeEmail, normalizePhone } from "#shared/platform/contact-keys.ts";
import { seededRandom } from "../../unit/amocrm/support/random.ts";
import { DUMMY_CASES, EMAIL_CASES, PHONE_CASES } from "../../unit/platform/contact-key-cases.ts";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();
const dataFile = (name: string) =>
  fs.readFileSync(path.join(import.meta.dirname, "../../data", name), "utf8");

/** What SQL makes of the texts, in their order. */
async function inSql(
  name: "normalize_email" | "normalize_phone" | "phone_as_typed",
  texts: string[],
): Promise<(string | null)[]> {
  const rows = await sql`select ${sql.unsafe(`amocrm.${name}(text)`)} as key
    from jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) with ordinality as list (text, place) order by place`;
  return rows.map((row) => row["key"]);
}

async function areDummies(texts: string[]): Promise<boolean[]> {
  const rows = await sql`select read.is_dummy
    from jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) with ordinality as list (text, place)
    cross join lateral amocrm.read_phone(list.text) as read order by list.place`;
  return rows.map((row) => row["is_dummy"]);
}

/** The texts of which SQL and TypeScript think differently. */
async function differences(texts: string[]) {
  const emails = await inSql("normalize_email", texts);
  const phones = await inSql("normalize_phone", texts);
  const dummies = await areDummies(texts);
  return texts
    .map((text, index) => ({
      text,
      sql: [emails[index], phones[index], dummies[index]],
      typescript: [normalizeEmail(text), normalizePhone(text), isDummyPhone(text)],
    }))
    .filter((pair) => JSON.stringify(pair.sql) !== JSON.stringify(pair.typescript));
}

test.each(EMAIL_CASES)("amocrm.normalize_email of %j is %j", async (text, key) => {
  expect(await inSql("normalize_email", [text])).toEqual([key]);
});

test.each(PHONE_CASES)("amocrm.normalize_phone of %j is %j", async (text, key) => {
  expect(await inSql("normalize_phone", [text])).toEqual([key]);
});

test("amocrm.read_phone knows the dummies, which are no key", async () => {
  expect(await areDummies(DUMMY_CASES.map(([text]) => text))).toEqual(
    DUMMY_CASES.map(([, isDummy]) => isDummy),
  );
});

test.each([
  ["+7 (912) 111-26-48", null],
  ["tel:+79121112648", null],
  ["8\u00a0912\u2010111-26-48", null],
  [" 8 904 123-45-67 (WhatsApp) ", "8 904 123-45-67 (WhatsApp)"],
  ["Айгуль 8 904 123-45-67", "Айгуль 8 904 123-45-67"],
  ["8 904 123-45-67, 8 905 765-43-21", "8 904 123-45-67, 8 905 765-43-21"],
  ["", null],
])("amocrm.phone_as_typed keeps of %j what a manager should read: %j", async (text, kept) => {
  expect(await inSql("phone_as_typed", [text])).toEqual([kept]);
});

test("null stays null", async () => {
  const [row] =
    await sql`select amocrm.normalize_email(null) as email, amocrm.normalize_phone(null) as phone`;
  expect(row).toEqual({ email: null, phone: null });
});

test("SQL and TypeScript agree on every e-mail and phone of the sample submissions", async () => {
  const inputs = dataFile("leads-1000.ndjson")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { input: { email?: string; phone?: string } }).input);
  const texts = inputs
    .flatMap(({ email, phone }) => [email, phone])
    .filter((text) => typeof text === "string");
  expect(texts.length).toBeGreaterThan(1000);
  expect(await differences(texts)).toEqual([]);
});

test("SQL and TypeScript agree on every naughty string, alone and inside of an address or number", async () => {
  const strings = JSON.parse(dataFile("blns.json")) as string[];
  expect(
    await differences(
      strings.flatMap((text) => [text, `${text}@example.com`, `a@${text}.com`, `+7912${text}`]),
    ),
  ).toEqual([]);
});

test("SQL and TypeScript agree on numbers of every country, whole, too short and too long", async () => {
  const random = seededRandom(20261130);
  const starts = ["", "+", "00", "8 10 ", "+7 ", "8"];
  const texts = callingCodes().flatMap(([code]) =>
    Array.from({ length: 30 }, () => {
      const length = 3 + Math.floor(random() * 13);
      const digits = Array.from({ length }, () => Math.floor(random() * 10)).join("");
      return `${starts[Math.floor(random() * starts.length)]}${code} ${digits}`;
    }),
  );
  expect(await differences(texts)).toEqual([]);
});

test("SQL and TypeScript agree on domains that say they are encoded", async () => {
  const random = seededRandom(20261201);
  const alphabet = [..."abcdefghijklmnopqrstuvwxyz0123456789-", ..."19ab-"];
  const texts = Array.from({ length: 3000 }, () => {
    const length = 1 + Math.floor(random() * 12);
    const label = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
    return `a@xn--${label}.example`;
  });
  const asWritten = [
    "почта.рф",
    "münchen.example",
    "中国.example",
    "казпочта.қаз",
    "ёлка.рф",
    "a-ы-b.example",
  ];
  const encoded = asWritten.map((domain) => `a@${new URL(`http://${domain}`).hostname}`);
  expect(await inSql("normalize_email", encoded)).toEqual(asWritten.map((domain) => `a@${domain}`));
  expect(await differences([...texts, ...encoded])).toEqual([]);
});

test("SQL and TypeScript agree at the edges of what one look takes for the usual address and number", async () => {
  const digits = [..."0123456789"];
  const numbers = [..."34789"].flatMap((first) => [
    ...[9, 10, 11].map((length) => `+7${first.repeat(length)}`),
    ...digits.flatMap((other) =>
      digits.map((_, place) => `+7${first.repeat(place)}${other}${first.repeat(9 - place)}`),
    ),
  ]);
  const near = digits.flatMap((last) => [
    `+7987654321${last}`,
    `+79${last}76543210`,
    `+798${last}6543210`,
    `+7345678901${last}`,
  ]);
  const domains = [
    "a--b.ru",
    "a-.ru",
    "-a.ru",
    "a.-ru",
    "a.r-u",
    "xn--80a.ru",
    "a.xn--p1ai",
    "a..ru",
    "a.r",
    "a.r1",
    "ru",
    `${"a".repeat(60)}.ru`,
  ];
  const addresses = [
    ...domains.map((domain) => `ada@${domain}`),
    ...[48, 55, 56, 57, 63, 64, 65, 66].map((length) => `${"a".repeat(length)}@mail.ru`),
    ...["a@b@c.ru", "@c.ru", "a b@c.ru", "A@c.ru", "a@c.ru\n", "\na@c.ru", "a@c.ru ", "a!@c.ru"],
  ];
  expect(await differences([...numbers, ...near, ...addresses])).toEqual([]);
});

test("SQL and TypeScript agree on 5,000 random texts of the characters that matter", async () => {
  const random = seededRandom(20261121);
  const alphabet = [
    ..."0123456789",
    ..."0788+()- .<>@",
    ..."aZЖß",
    "mailto:",
    "@example.com",
    "\u00a0",
    "\u200b",
    "\u3000",
    "\u0085",
    "\u001c",
    "\n",
    "٣",
    "😀",
  ];
  const texts = Array.from({ length: 5000 }, () =>
    Array.from(
      { length: 1 + Math.floor(random() * 14) },
      () => alphabet[Math.floor(random() * alphabet.length)],
    ).join(""),
  );
  expect(await differences(texts)).toEqual([]);
});
