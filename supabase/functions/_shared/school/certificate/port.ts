import type { CertificateSheet } from "./sheet.ts";

/** Whose certificate is asked for: of whoever knows its code, or of a signed-in student. */
type Wanted = { code: string } | { userId: string };

/** A drawn certificate, or the letters of its texts that the font does not have. */
export type Drawn = { ok: true; pdf: Blob } | { ok: false; missing: string[] };

/** Port: what the certificate function needs from outside. */
export interface CertificatePorts {
  /** Null if there is none. */
  find(wanted: Wanted): Promise<CertificateSheet | null>;
  /** Draws it; `address` is where it is checked. */
  draw(sheet: CertificateSheet, address: string): Promise<Drawn>;
  /** Where this function itself is reached from outside. */
  functionUrl: string;
}
