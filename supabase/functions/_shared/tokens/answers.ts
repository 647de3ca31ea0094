import type { TokenAnswer } from "../amocrm/transport.ts";
import type { UnusableTokens } from "./port.ts";

const CONNECT = "npm run amocrm -- connect";

/** Why there is no token, with the remedy. The codes are those of the breaker that they open. */
export function unusableAnswer({ state, project, lastErrorCode }: UnusableTokens): TokenAnswer {
  switch (state) {
    case "absent":
      return { ok: false, code: "not_connected", message: `amoCRM is not connected: ${CONNECT}` };
    case "reauth_required":
      return {
        ok: false,
        code: "reauth_required",
        message: `amoCRM has ended the connection (${lastErrorCode ?? "no reason given"}): ${CONNECT}`,
      };
    case "foreign":
      return {
        ok: false,
        code: "foreign_project",
        message: `This database is a copy: its connection belongs to the project ${project ?? "it was copied from"}. To send from here: ${CONNECT}`,
      };
    case "unreadable":
      return {
        ok: false,
        code: "vault_unreadable",
        message: `Vault cannot give back the tokens, as after a restore under another key: ${CONNECT}`,
      };
  }
}
