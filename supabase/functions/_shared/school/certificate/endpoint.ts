import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import { refuse } from "../../platform/refuse.ts";
import type { CertificatePorts } from "./port.ts";
import { checkAddress } from "./sheet.ts";

/**
 * One call of tripwire-certificate: the certificate with the code in the address, for everybody, or the caller's own, as
 * a PDF. Every refusal has a code and a sentence.
 */
export async function answerCertificate(
  request: Request,
  userId: string | null,
  log: Log,
  ports: CertificatePorts,
): Promise<Response> {
  if (request.method !== "GET") {
    return refuse(405, "method_not_allowed", "Only GET is answered", {}, { allow: "GET" });
  }
  const code = new URL(request.url).searchParams.get("code");
  if (code === null && userId === null) {
    return refuse(401, "not_signed_in", "Sign in for your own certificate, or name the code of one: ?code=…");
  }
  try {
    const sheet = await ports.find(code === null ? { userId: userId ?? "" } : { code });
    if (sheet === null) {
      const message =
        code === null ? "The course is not completed yet" : "There is no certificate with this code";
      return refuse(404, "certificate_not_found", message);
    }
    const drawn = await ports.draw(sheet, checkAddress(sheet, ports.functionUrl));
    if (!drawn.ok) {
      const letters = drawn.missing.map(codePointOf);
      log("error", "certificate_letters_missing", { number: sheet.number, letters });
      const message = `The font does not have ${letters.join(", ")}; correct full_name in tripwire_certificates`;
      return refuse(422, "letters_missing", message);
    }
    log("info", "certificate_drawn", { number: sheet.number, by: code === null ? "student" : "code" });
    return new Response(drawn.pdf, {
      headers: {
        "content-type": "application/pdf",
        "content-disposition": `inline; filename="certificate-${sheet.number}.pdf"`,
        // A misspelt name may be corrected at any time, and a certificate is nobody's but its holder's.
        "cache-control": "private, no-cache",
      },
    });
  } catch (error) {
    log("error", "certificate_failed", { message: messageOf(error) });
    return refuse(500, "certificate_failed", "The certificate could not be made; the log says why");
  }
}

function codePointOf(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
