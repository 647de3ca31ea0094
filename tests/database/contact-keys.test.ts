import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { normalizeEmail, normalizePhone } from "../../supabase/functions/_shared/amocrm/contact-keys.ts";
import { EMAIL_CASES, PHONE_CASES } from "../unit/amocrm/contact-key-cases.ts";
import { seededRandom } from "../unit/amocrm/support/random.ts";
import { useDatabase } from "./support/database.ts";

const { sql } = await useDatabase();
const dataFile = (name: string) => fs.readFileSync(path.join(import.meta.dirname, "../data", name), "utf8");

/** What SQL makes of the texts, in their order. */
async function inSql(
  name: "normalize_email" | "normalize_phone",
  texts: string[],
): Promise<(string | null)[]> {
  const rows = await sql`select ${sql.unsafe(`amocrm.${name}(text)`)} as key
    from jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) with ordinality as list (text, place) order by place`;
  return rows.map((row) => row["key"]);
}

/** The texts of which SQL and TypeScript think differently. */
async function differences(texts: string[]) {
  const emails = await inSql("normalize_email", texts);
  const phones = await inSql("normalize_phone", texts);
  return texts
    .map((text, index) => ({
      text,
      sql: [emails[index], phones[index]],
      typescript: [normalizeEmail(text), normalizePhone(text)],
    }))
    .filter((pair) => JSON.stringify(pair.sql) !== JSON.stringify(pair.typescript));
}

test.each(EMAIL_CASES)("amocrm.normalize_email of %j is %j", async (text, key) => {
  expect(await inSql("normalize_email", [text])).toEqual([key]);
});

test.each(PHONE_CASES)("amocrm.normalize_phone of %j is %j", async (text, key) => {
  expect(await inSql("normalize_phone", [text])).toEqual([key]);
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
