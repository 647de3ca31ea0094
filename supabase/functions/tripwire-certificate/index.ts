import { withSupabase } from "@supabase/server";
import { drawCertificate } from "../_shared/certificate/draw-pdf.ts";
import { answerCertificate } from "../_shared/certificate/endpoint.ts";
import { loadFonts } from "../_shared/certificate/fonts.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createCertificateFinder } from "../_shared/store/certificate-store.ts";
import { createRpc } from "../_shared/store/rpc.ts";

/** For signed-in students, and for everybody who has the code of a certificate: who calls is in token or address. */
export default {
  fetch: withSupabase(
    { auth: ["user", "none"], cors: "default", errors: { detailed: false } },
    (request, { userClaims, supabaseAdmin }) =>
      answerCertificate(request, userClaims?.id ?? null, consoleLog, {
        find: createCertificateFinder(createRpc(supabaseAdmin)),
        draw: async (sheet, address) => drawCertificate(sheet, address, await loadFonts()),
        functionUrl: `${environment()["SUPABASE_URL"]}/functions/v1/tripwire-certificate`,
      }),
  ),
};
