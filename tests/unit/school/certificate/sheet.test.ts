import { describe, expect, it } from "vitest";
import {
  type CertificateSheet,
  checkAddress,
  dayInWords,
  displayCode,
  printable,
} from "#shared/school/certificate/sheet.ts";
import { sheetOf } from "./support/sheet.ts";

const FUNCTION_URL = "https://project.supabase.co/functions/v1/tripwire-certificate";
const address = (facts: Partial<CertificateSheet>) => checkAddress(sheetOf(facts), FUNCTION_URL);

describe("the address of the check", () => {
  it("is the function itself unless the admin names a page", () => {
    expect(address({ code: "ABC" })).toBe(`${FUNCTION_URL}?code=ABC`);
    expect(address({ code: "ABC", checkUrl: "https://school.kz/c/{code}#top" })).toBe(
      "https://school.kz/c/ABC#top",
    );
  });
});

describe("a certificate's words", () => {
  it("shows the code in groups", () => {
    expect(displayCode("K7Q2M8ZXCVB4N6P1R3T5")).toBe("K7Q2M-8ZXCV-B4N6P-1R3T5");
  });

  it("writes the day out, whatever the machine's own time zone", () => {
    expect(dayInWords("2026-11-21")).toBe("21 ноября 2026 г.");
    expect(dayInWords("2027-01-01")).toBe("1 января 2027 г.");
  });
});

describe("printable", () => {
  const hasGlyph = (codePoint: number) => codePoint < 0x530;

  it("keeps a name as it is", () => {
    expect(printable("Әсел Құдайбергенқызы", hasGlyph)).toEqual({
      text: "Әсел Құдайбергенқызы",
      missing: [],
    });
  });

  it("puts letters and their marks together, so that one glyph shows them", () => {
    expect(printable("Йу\u0301", hasGlyph).text).toBe("Йу́".normalize("NFC"));
    expect(printable("И\u0306ван", hasGlyph).text).toBe("Йван");
  });

  it("takes all blanks for one, and none at the ends", () => {
    expect(printable("\n Анна\t\u00a0 Мария \u2003", hasGlyph).text).toBe("Анна Мария");
  });

  it("leaves out what is no letter and cannot be written", () => {
    expect(printable("Анна 🚀\u200b\u202eМария", hasGlyph)).toEqual({ text: "Анна Мария", missing: [] });
  });

  it("names the letters that the font does not have, each once", () => {
    expect(printable("王小明 王 გ", hasGlyph).missing).toEqual(["王", "小", "明", "გ"]);
  });
});
