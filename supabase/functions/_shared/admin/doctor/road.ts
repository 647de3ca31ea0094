import type { Answered, DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** A hosted project's address: where the URL names another one, the database rings at a stranger's door. */
const HOSTED = /^[a-z0-9]+\.supabase\.co$/;

/** What Vault has, and whether its URL is this project's own: by the name that the platform gives it, or by its public one. */
export function checkVault({ vault }: DoctorFacts, ownUrls: readonly string[]): Finding[] {
  if (vault === null) return [finding("vault_unasked")];
  if (!vault.is_readable) return [finding("vault_unreadable")];
  const url = vault.functions_url;
  const findings: Finding[] = [];
  if (url === null) findings.push(finding("secret_missing", { name: "amocrm_functions_url" }));
  if (!vault.has_key) findings.push(finding("secret_missing", { name: "amocrm_call_token" }));
  if (url === null || findings.length > 0) return findings;
  const owns = ownUrls.map((ownUrl) => `${ownUrl.replace(/\/+$/, "")}/functions/v1`);
  const [own] = owns;
  if (own === undefined || owns.includes(url.replace(/\/+$/, ""))) return [finding("vault_ok", { url })];
  const isStranger = [url, own].every((one) => HOSTED.test(hostOf(one))) && hostOf(url) !== hostOf(own);
  return [finding(isStranger ? "vault_other_project" : "vault_url_differs", { url, own })];
}

/** How the database's own call of amocrm-drain ended. `answer` is null when pg_net has not even sent it in time. */
export function checkRoad({ vault, call_id: callId }: DoctorFacts, answer: Answered): Finding[] {
  // What is missing for a call is named among extensions and secrets.
  if (callId === null) return [finding("road_unasked")];
  if (vault === null) return [];
  if (answer === null) return [finding("road_silent")];
  const { status_code: status, error } = answer;
  if (status === null) return [finding("road_broken", { reason: error ?? "no answer" })];
  // Refused for being a GET: so the function is there, and the key was accepted before.
  if (status === 405) return [finding("road_ok")];
  if (status === 401 || status === 403) return [finding("road_refused", { status })];
  if (status === 404) return [finding("road_missing")];
  return [finding("road_failed", { status })];
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : "";
}
