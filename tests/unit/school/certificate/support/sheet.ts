import type { CertificateSheet } from "#shared/school/certificate/sheet.ts";

/** A certificate that differs from an ordinary one in what is given. */
export function sheetOf(facts: Partial<CertificateSheet> = {}): CertificateSheet {
  return {
    number: "TW-2026-000123",
    code: "K7Q2M8ZXCVB4N6P1R3T5",
    fullName: "Иванова Мария",
    courseTitle: "Tripwire",
    issuedOn: "2026-11-21",
    issuer: null,
    signatory: null,
    checkUrl: null,
    showsQr: true,
    ...facts,
  };
}
