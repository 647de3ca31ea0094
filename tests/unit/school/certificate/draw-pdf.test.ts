import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CUTS, type Cut, subsetOf } from "#dev/certificate/make-fonts.ts";
import { drawCertificate } from "#shared/school/certificate/draw-pdf.ts";
import { PACKED_FONT as REGULAR } from "#shared/school/certificate/fonts/source-serif-regular.ts";
import { PACKED_FONT as SEMI_BOLD } from "#shared/school/certificate/fonts/source-serif-semi-bold.ts";
import { loadFonts } from "#shared/school/certificate/fonts.ts";
import type { CertificateSheet } from "#shared/school/certificate/sheet.ts";
import { readPdf } from "./support/read-pdf.ts";
import { sheetOf } from "./support/sheet.ts";

const ADDRESS = "https://project.supabase.co/functions/v1/tripwire-certificate?code=K7Q2M8ZXCVB4N6P1R3T5";
const fonts = await loadFonts();

async function draw(facts: Partial<CertificateSheet> = {}): Promise<Blob> {
  const drawn = await drawCertificate(sheetOf(facts), ADDRESS, fonts);
  if (!drawn.ok) throw new Error(`letters missing: ${drawn.missing.join(" ")}`);
  return drawn.pdf;
}
const textOf = async (facts: Partial<CertificateSheet>) =>
  (await readPdf(await draw(facts))).texts.map(({ text }) => text).join(" ");

describe("a certificate", () => {
  it("is one page of A4 on its side, with its number as the title", async () => {
    const read = await readPdf(await draw());
    expect(read.pageCount).toBe(1);
    expect([Math.round(read.width), Math.round(read.height)]).toEqual([842, 595]);
    expect(read.title).toBe("Сертификат TW-2026-000123");
  });

  it("says who, for what, when and how it is checked", async () => {
    const text = await textOf({ issuer: "ТОО «Школа»", signatory: "Д. Ерболатов" });
    for (const part of [
      "№ TW-2026-000123",
      "Иванова Мария",
      "«Tripwire»",
      "21 ноября 2026 г.",
      "ТОО «Школа»",
      "Д. Ерболатов",
      "K7Q2M-8ZXCV-B4N6P-1R3T5",
      ADDRESS,
    ]) {
      expect(text).toContain(part);
    }
  });

  it("leads to the check by a link", async () => {
    expect((await readPdf(await draw())).links).toEqual([ADDRESS]);
  });

  it("has a QR code only if that is set", async () => {
    const [withCode, without] = await Promise.all(
      [true, false].map(async (showsQr) => readPdf(await draw({ showsQr }))),
    );
    expect(withCode?.fillCount).toBeGreaterThan(without?.fillCount ?? 0);
  });

  it.each([
    "Щербакова Эльвира Ёжиковна",
    "Әсел Құдайбергенқызы Ғүһөңі",
    "ӘәҒғҚқҢңӨөҰұҮүҺһІі",
    "Ґалаґан Їжак Єлизавета",
    "Айгөл Җәләлетдинова",
    "Oʻgʻli Sharipov, Gʻulom",
    "Şahin Ğ. İbrahimoğlu",
    "José Ångström Łukasz Nguyễn",
    "Ωρίων",
  ])("can be read as text in the letters of %s", async (fullName) => {
    expect(await textOf({ fullName })).toContain(fullName.normalize("NFC"));
  });

  it.each([
    ["of three long words", "Абдурахмангаджиева Хадижат-Зулейха Магомедшапиевна-Преображенская"],
    ["of many words", "Имярек ".repeat(40).trim()],
    ["of one endless word", "Щ".repeat(300)],
  ])("keeps a name %s within the frame", async (_what, fullName) => {
    const { texts, width, pageCount } = await readPdf(
      await draw({ fullName, courseTitle: fullName, issuer: fullName }),
    );
    expect(pageCount).toBe(1);
    for (const { left, right } of texts) {
      expect(left).toBeGreaterThan(40);
      expect(right).toBeLessThan(width - 40);
    }
  });

  it("is the same, byte for byte, each time it is drawn", async () => {
    const [first, second] = await Promise.all([draw(), draw()].map(async (pdf) => (await pdf).bytes()));
    expect(first).toEqual(second);
  });

  it("is small enough for a mail", async () => {
    expect((await draw({ fullName: "Әсел Құдайбергенқызы" })).size).toBeLessThan(60_000);
  });

  it("is not drawn without one of a name's letters", async () => {
    expect(await drawCertificate(sheetOf({ fullName: "王 Анна" }), ADDRESS, fonts)).toEqual({
      ok: false,
      missing: ["王"],
    });
  });
});

describe("a packed font", () => {
  it.each<[Cut, string]>([
    ["source-serif-regular", REGULAR],
    ["source-serif-semi-bold", SEMI_BOLD],
  ])("is what dev/certificate/make-fonts.ts makes of the package: %s", async (cut, packed) => {
    expect(Object.keys(CUTS)).toContain(cut);
    const unpacked = inflateRawSync(Buffer.from(packed, "base64"));
    expect(unpacked.equals(await subsetOf(cut))).toBe(true);
  });
});
