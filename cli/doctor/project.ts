import path from "node:path";
import { type Finding, finding } from "#shared/admin/answers.ts";
import { Failure } from "../failure.ts";
import { kindOfKey } from "../key-kind.ts";
import { DEFAULT_STACK_FILE, findTarget, type Target } from "../target.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The project that the command means, and what is wrong with how it was named; null if it cannot be asked. */
export function findProject(
  environment: Environment,
  local: string | true | undefined,
): { target: Target | null; findings: Finding[] } {
  const url = environment["SUPABASE_URL"]?.trim() ?? "";
  const key = environment["SUPABASE_SECRET_KEY"]?.trim() ?? "";
  const isHosted = local === undefined && (url !== "" || key !== "");
  const findings = isHosted ? [...urlFindings(url), ...keyFindings(key)] : [];
  if (findings.some(({ outcome }) => outcome === "wrong")) return { target: null, findings };
  try {
    const target = findTarget(environment, local);
    return {
      target,
      findings: [...findings, finding("command_ok", { url: target.url, origin: target.origin })],
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const file = path.resolve(typeof local === "string" ? local : DEFAULT_STACK_FILE);
    return {
      target: null,
      findings: [finding(local === undefined ? "project_unnamed" : "stack_missing", { file })],
    };
  }
}

function urlFindings(url: string): Finding[] {
  if (url === "") return [finding("url_missing")];
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return [finding("url_malformed")];
  const { hostname, pathname } = new URL(url);
  // What stands in the browser while one looks for the address.
  const ref = /^\/dashboard\/project\/([a-z0-9]+)/.exec(pathname)?.[1];
  return /(^|\.)supabase\.com$/.test(hostname)
    ? [finding("url_of_dashboard", { url: `https://${ref ?? "<project>"}.supabase.co` })]
    : [];
}

function keyFindings(key: string): Finding[] {
  if (key === "") return [finding("key_missing")];
  const kind = kindOfKey(key);
  return kind === "secret" ? [] : [finding(`key_${kind}`)];
}
