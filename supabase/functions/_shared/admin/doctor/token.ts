import { claimsOf } from "../../tokens/claims.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** Long enough to make a new token in office hours. */
const SOON_DAYS = 14;
/** One refresh may fail for amoCRM's sake; several need a person. */
const FAILED_REFRESHES = 3;
const DAY_MS = 86_400_000;

/**
 * How we are let in and until when: by the long-lived token of the settings, else by the connection that the database
 * has. `project` is the one we run in; the connection of another would end there with its first refresh here.
 */
export function checkToken(
  { account, clock }: DoctorFacts,
  longLived: string | null,
  project: string,
): Finding[] {
  if (longLived !== null) return [longLivedFinding(longLived, Date.parse(clock))];
  if (account === null || account.access !== "oauth") return [finding("token_none")];
  const { host, state, last_error_code: reason } = account;
  if (account.project !== project) return [finding("token_foreign", { project: account.project })];
  if (!account.is_readable) return [finding("token_unreadable")];
  if (state === "reauth_required") return [finding("token_reauth", { host, reason: reason ?? "" })];
  if (account.failure_count >= FAILED_REFRESHES) {
    return [finding("token_refresh_failing", { count: account.failure_count, reason: reason ?? "" })];
  }
  const days = daysUntil(account.refresh_expires_at ?? clock, Date.parse(clock));
  return [finding("token_connected", { host, days })];
}

function longLivedFinding(token: string, nowMs: number): Finding {
  const { expiresAt } = claimsOf(token);
  if (expiresAt === null) return finding("token_ok");
  const expiresAtMs = Date.parse(expiresAt);
  const days = Math.floor((expiresAtMs - nowMs) / DAY_MS);
  if (expiresAtMs <= nowMs) return finding("token_expired", { days: Math.max(0, -days - 1) });
  return days < SOON_DAYS ? finding("token_expires_soon", { days }) : finding("token_lasts", { days });
}

function daysUntil(at: string, nowMs: number): number {
  return Math.max(0, Math.floor((Date.parse(at) - nowMs) / DAY_MS));
}
