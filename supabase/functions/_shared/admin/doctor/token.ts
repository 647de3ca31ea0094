import type { AmocrmAccess } from "../../amocrm/settings.ts";
import { claimsOf } from "../../amocrm/tokens.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** Long enough to make a new token in office hours. */
const SOON_DAYS = 14;
/** One refresh may fail for amoCRM's sake; several need a person. */
const FAILED_REFRESHES = 3;
const DAY_MS = 86_400_000;

/**
 * How we are let in and until when: by the long-lived token of the settings, else by the connection that the database
 * has. `project` is the one we run in: from a copy of another's database, or a restored one, nothing is sent.
 */
export function checkToken(
  facts: DoctorFacts,
  access: Pick<AmocrmAccess, "accessToken" | "session">,
  project: string,
): Finding[] {
  const found = tokenFindings(facts, access, project);
  const { breaker_code: code, breaker_opened_at: since } = facts.control;
  // What the token says of its own end is worth nothing while amoCRM takes it for none.
  return code === "unauthorized" && found.every(({ outcome }) => outcome !== "wrong")
    ? [finding("token_refused", { since: since ?? "" })]
    : found;
}

function tokenFindings(
  { account, residence, clock }: DoctorFacts,
  { accessToken: longLived, session }: Pick<AmocrmAccess, "accessToken" | "session">,
  project: string,
): Finding[] {
  const command =
    longLived === null && session === null ? "npm run amocrm -- connect" : "npm run amocrm -- setup --switch";
  if (residence !== null && residence.project !== project) {
    return [finding("token_foreign", { project: residence.project, command })];
  }
  if (residence?.is_restored === true) return [finding("token_restored", { command })];
  if (longLived !== null)
    return [longLivedFinding(longLived, account?.account_id ?? null, Date.parse(clock))];
  // Said each time: it is the last resort.
  if (session !== null) return [finding("token_session", { url: session.url })];
  if (account === null || account.access !== "oauth") return [finding("token_none")];
  const { host, state, last_error_code: reason } = account;
  if (!account.is_readable) return [finding("token_unreadable")];
  if (state === "reauth_required" && reason === "other_account") {
    return [
      finding("token_other_account", { id: account.account_id ?? "?", command: `${command} --switch` }),
    ];
  }
  if (state === "reauth_required") return [finding("token_reauth", { host, reason: reason ?? "" })];
  if (account.failure_count >= FAILED_REFRESHES) {
    return [finding("token_refresh_failing", { count: account.failure_count, reason: reason ?? "" })];
  }
  const days = daysUntil(account.refresh_expires_at ?? clock, Date.parse(clock));
  return [finding("token_connected", { host, days })];
}

function longLivedFinding(token: string, knownId: number | null, nowMs: number): Finding {
  const { expiresAt, accountId } = claimsOf(token);
  if (knownId !== null && accountId !== null && knownId !== accountId) {
    return finding("token_other_account", { id: knownId, command: "npm run amocrm -- setup --switch" });
  }
  if (expiresAt === null) return finding("token_ok");
  const expiresAtMs = Date.parse(expiresAt);
  const days = Math.floor((expiresAtMs - nowMs) / DAY_MS);
  if (expiresAtMs <= nowMs) return finding("token_expired", { days: Math.max(0, -days - 1) });
  return days < SOON_DAYS ? finding("token_expires_soon", { days }) : finding("token_lasts", { days });
}

function daysUntil(at: string, nowMs: number): number {
  return Math.max(0, Math.floor((Date.parse(at) - nowMs) / DAY_MS));
}
