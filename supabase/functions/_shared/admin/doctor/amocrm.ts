import type { AccountAccess, Asked } from "../../amocrm/access.ts";
import type { Account, FaultCode } from "../../amocrm/api.ts";
/** Kinds that say all by themselves. */
import { SESSION_CODES } from "../session-codes.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Code, type Finding, finding } from "./finding.ts";

type Plain = Extract<Code, `amocrm_${string}`>;

/** Several faults have one cause and one remedy. */
const KIND_OF_FAULT: Readonly<
  Partial<
    Record<FaultCode, Exclude<Plain, "amocrm_ok" | "amocrm_odd" | "amocrm_no_token" | "amocrm_no_session">>
  >
> = {
  rate_limited: "amocrm_rate_limited",
  unauthorized: "amocrm_unauthorized",
  unpaid: "amocrm_unpaid",
  forbidden: "amocrm_forbidden",
  account_blocked: "amocrm_blocked",
  wrong_address: "amocrm_wrong_address",
  address_unknown: "amocrm_not_found",
  connection_failed: "amocrm_unreachable",
  connection_lost: "amocrm_unreachable",
  timeout: "amocrm_timeout",
  server_error: "amocrm_server_error",
  gateway_timeout: "amocrm_server_error",
};

/** Whether amoCRM answers, and as which account; else why not, once for everything that would have to be asked there. */
export async function checkAmocrm(account: AccountAccess, facts: DoctorFacts): Promise<Finding> {
  if (account.hindrance !== null) return finding("amocrm_unasked");
  const asked = await account.ask((client) => client.account());
  if (asked.ok) {
    const { id, name, subdomain } = asked.value;
    return finding("amocrm_ok", { name, subdomain, id });
  }
  return refused(asked, facts);
}

function refused({ failed }: Exclude<Asked<Account>, { ok: true }>, facts: DoctorFacts): Finding {
  if (failed === null) return finding("amocrm_unasked");
  const { code, causeCode, message } = failed.fault;
  if (code === "slot_refused") {
    if (causeCode === "paused") return finding("amocrm_paused");
    const last = facts.control.breaker_code;
    // Nothing was sent now: what stopped the sending is the answer that counts.
    return causeCode === "breaker_open" && last !== null ? findingOf(last, "") : finding("amocrm_no_slot");
  }
  if (SESSION_CODES.has(causeCode ?? "")) return finding("amocrm_no_session", { reason: message });
  return findingOf(code, message);
}

function findingOf(code: string, message: string): Finding {
  if (SESSION_CODES.has(code)) return finding("amocrm_no_session", { reason: code });
  if (code === "token_unavailable" || code === "reauth_required") {
    // The words have the command themselves.
    const reason = message.replace(/: npm run amocrm -- [a-z -]+$/, "");
    return finding("amocrm_no_token", { reason: reason === "" ? code : reason });
  }
  const kind = KIND_OF_FAULT[code as FaultCode];
  return kind === undefined ? finding("amocrm_odd", { code }) : finding(kind);
}
