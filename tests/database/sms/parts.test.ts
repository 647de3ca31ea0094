import { expect, test } from "vitest";
import { smsParts } from "#shared/sms/parts.ts";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();

const CASES: [what: string, text: string, encoding: string, units: number, parts: number][] = [
  ["nothing", "", "GSM-7", 0, 0],
  ["one Latin letter", "a", "GSM-7", 1, 1],
  ["the fullest single SMS in Latin", "a".repeat(160), "GSM-7", 160, 1],
  ["one letter more", "a".repeat(161), "GSM-7", 161, 2],
  ["two full parts in Latin", "a".repeat(306), "GSM-7", 306, 2],
  ["one letter more than two parts", "a".repeat(307), "GSM-7", 307, 3],
  ["brackets, which count twice", "[".repeat(80), "GSM-7", 160, 1],
  [
    "a bracket that does not fit into the first part",
    `${"a".repeat(152)}[${"a".repeat(152)}`,
    "GSM-7",
    306,
    3,
  ],
  ["umlauts and a euro", "Grüße für 5 €\n", "GSM-7", 15, 1],
  ["a letter that GSM-7 lacks makes all of them wide", `${"a".repeat(70)}ç`, "UCS-2", 71, 2],
  ["the fullest single SMS in Cyrillic", "я".repeat(70), "UCS-2", 70, 1],
  ["one letter more in Cyrillic", "я".repeat(71), "UCS-2", 71, 2],
  ["two full parts in Cyrillic", "я".repeat(134), "UCS-2", 134, 2],
  ["Kazakh letters and the tenge", "Әсел, құны 9 900 ₸", "UCS-2", 18, 1],
  ["an emoji that does not fit into the first part", `${"я".repeat(66)}😀${"я".repeat(66)}`, "UCS-2", 134, 3],
  ["an emoji that just fits", `${"я".repeat(65)}😀${"я".repeat(67)}`, "UCS-2", 134, 2],
  ["thirty-five emoji", "😀".repeat(35), "UCS-2", 70, 1],
  ["thirty-six emoji", "😀".repeat(36), "UCS-2", 72, 2],
];

test.each(CASES)(
  "%s are counted alike in SQL and TypeScript",
  async (_, text, encoding, unitCount, partCount) => {
    expect(smsParts(text)).toEqual({ encoding, unitCount, partCount });
    expect(await sql`select * from sms_parts(${text})`).toEqual([
      { encoding, unit_count: unitCount, part_count: partCount },
    ]);
  },
);
