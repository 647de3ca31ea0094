import type { Rpc } from "../../platform/rpc.ts";
import type { CertificatePorts } from "./port.ts";
import { CertificateSheet } from "./sheet.ts";

/** Finds certificates by their SQL function. */
export function createCertificateFinder(rpc: Rpc): CertificatePorts["find"] {
  return async (wanted) => {
    const row = await rpc("tripwire_certificate_sheet", {
      p_code: "code" in wanted ? wanted.code : null,
      p_user_id: "userId" in wanted ? wanted.userId : null,
    });
    return CertificateSheet.nullable().parse(row);
  };
}
