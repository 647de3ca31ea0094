import type { TokenAnswer } from "../api/transport.ts";
import type { LongLivedNote, UnusableTokens } from "./port.ts";

const CONNECT = "npm run amocrm -- connect";
const SWITCH = "npm run amocrm -- setup --switch";

export type Refused = Extract<TokenAnswer, { ok: false }>;

/** Why there is no token of the stored connection, with the remedy. The codes are those of the breaker that they open. */
export function unusableAnswer({ state, project, lastErrorCode }: UnusableTokens): Refused {
  switch (state) {
    case "absent":
      return { ok: false, code: "not_connected", message: `amoCRM is not connected: ${CONNECT}` };
    case "reauth_required":
      if (lastErrorCode === "other_account") {
        return {
          ok: false,
          code: "other_account",
          message: `The token is of another amoCRM account than the contacts and deals here. Connect the right one, or, if the account does change: ${CONNECT} --switch`,
        };
      }
      return {
        ok: false,
        code: "reauth_required",
        message: `amoCRM has ended the connection (${lastErrorCode ?? "no reason given"}): ${CONNECT}`,
      };
    case "foreign":
    case "restored":
      return strangerAnswer(state, project, CONNECT);
    case "unreadable":
      return {
        ok: false,
        code: "vault_unreadable",
        message: `Vault cannot give back the tokens, as after a restore under another key: ${CONNECT}`,
      };
  }
}

/** Why a long-lived token is not used. */
export function longLivedRefusal(note: Exclude<LongLivedNote, { outcome: "granted" | "unproven" }>): Refused {
  if (note.outcome !== "other_account") return strangerAnswer(note.outcome, note.project, SWITCH);
  return {
    ok: false,
    code: "other_account",
    message: `AMOCRM_ACCESS_TOKEN is of another amoCRM account than ${note.accountId}, whose contacts and deals are here. Set the right one, or, if the account does change: ${SWITCH}`,
  };
}

/** Why a browser's session is not used. */
export function sessionRefusal(note: Exclude<LongLivedNote, { outcome: "granted" | "unproven" }>): Refused {
  if (note.outcome !== "other_account") return strangerAnswer(note.outcome, note.project, SWITCH);
  return otherSession(note.accountId);
}

/** The service is signed in to another account than the one whose ids are here. */
export function otherSession(accountId: number): Refused {
  return {
    ok: false,
    code: "other_account",
    message: `The session service is signed in to another amoCRM account than ${accountId}, whose contacts and deals are here. Give it a user of the right one, or, if the account does change: ${SWITCH}`,
  };
}

function strangerAnswer(
  state: "foreign" | "restored",
  project: string | undefined,
  command: string,
): Refused {
  return state === "foreign"
    ? {
        ok: false,
        code: "foreign_project",
        message: `This database is a copy: it belongs to the project ${project ?? "it was copied from"}. To send from here: ${command}`,
      }
    : {
        ok: false,
        code: "restored_database",
        message: `This database was restored or copied: what waits in it may have been sent long ago. To send from here: ${command}`,
      };
}
