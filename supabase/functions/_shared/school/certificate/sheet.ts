import { z } from "zod";

/** What is printed on one certificate, as `tripwire_certificate_sheet` tells it. */
export const CertificateSheet = z.object({
  number: z.string(),
  /** Twenty letters, without dashes. */
  code: z.string(),
  fullName: z.string(),
  courseTitle: z.string(),
  /** A day, `2026-11-21`. */
  issuedOn: z.iso.date(),
  issuer: z.string().nullable(),
  signatory: z.string().nullable(),
  /** Where it is checked, with `{code}` in it; null for the function itself. */
  checkUrl: z.string().nullable(),
  showsQr: z.boolean(),
});
export type CertificateSheet = z.infer<typeof CertificateSheet>;

/** Letters of a code between two dashes. */
const CODE_GROUP = 5;

/** The code as people read it: `K7Q2M-8ZXCV-…`. */
export function displayCode(code: string): string {
  return code.match(new RegExp(`.{1,${CODE_GROUP}}`, "g"))?.join("-") ?? "";
}

/** The address that checks a certificate: the admin's own page, or the certificate itself from this function. */
export function checkAddress(sheet: CertificateSheet, functionUrl: string): string {
  return (sheet.checkUrl ?? `${functionUrl}?code={code}`).replace("{code}", sheet.code);
}

/** The day in words: `21 ноября 2026 г.` */
export function dayInWords(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return new Intl.DateTimeFormat("ru", { dateStyle: "long", timeZone: "UTC" }).format(date);
}

/** What of a name can be printed, and which letters the font does not have. Signs without a glyph are left out. */
export function printable(
  text: string,
  hasGlyph: (codePoint: number) => boolean,
): { text: string; missing: string[] } {
  const missing = new Set<string>();
  let kept = "";
  for (const character of text.normalize("NFC")) {
    if (/\s/u.test(character)) kept += " ";
    else if (hasGlyph(character.codePointAt(0) ?? 0)) kept += character;
    // A name without one of its letters is another name; without a heart it is the same.
    else if (/\p{L}/u.test(character)) missing.add(character);
  }
  return { text: kept.replace(/ +/g, " ").trim(), missing: [...missing] };
}
