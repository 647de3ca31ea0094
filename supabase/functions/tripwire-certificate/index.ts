import { withSupabase } from "@supabase/server";
import "../_shared/platform/pinned-packages.ts";
import { DATA_API } from "../_shared/platform/data-api.ts";
import { consoleLog } from "../_shared/platform/log.ts";
import { functionAddress } from "../_shared/platform/project.ts";
import { createRpc } from "../_shared/platform/rpc.ts";
import { environment } from "../_shared/platform/runtime.ts";
import { createCertificateFinder } from "../_shared/school/adapters.ts";
import {
  answerCertificate,
  drawCertificate,
  loadFonts,
  withoutTokenForCode,
} from "../_shared/school/certificate.ts";

const answer = withSupabase(
  { ...DATA_API, auth: ["user", "none"], cors: "default", errors: { detailed: false } },
  (request, { userClaims, supabaseAdmin }) =>
    answerCertificate(request, userClaims?.id ?? null, consoleLog, {
      find: createCertificateFinder(createRpc(supabaseAdmin)),
      draw: async (sheet, address) => drawCertificate(sheet, address, await loadFonts()),
      functionUrl: functionAddress(environment(), "tripwire-certificate"),
    }),
);

/** For signed-in students, and for everybody who has the code of a certificate: who calls is in token or address. */
export default { fetch: (request: Request) => answer(withoutTokenForCode(request)) };
