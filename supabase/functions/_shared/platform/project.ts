import { isLoopbackHost, isPrivateHost } from "./safe-url.ts";

/** What stands for every stack on a developer's machine, whatever port it has today. */
const LOCAL = "local";
/** As many characters of the public key as tell two projects apart: the end of its signature. */
const KEY_TAIL = 16;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The Supabase project that a function runs in, by the SUPABASE_URL that the platform gives it: its host, or `local`. It
 * tells a project from the copy that a restored backup or a branch is. A self-hosted one is called `kong` or 10.0.0.5 in
 * its own network, as its neighbour is: there its public address, if it is told, and the end of its public key are added.
 */
export function projectOf(environment: Variables): string {
  const host = hostOf(environment["SUPABASE_URL"]);
  if (host === null || isLoopbackHost(host)) return LOCAL;
  if (!isPrivateHost(host)) return host;
  const publicHost = hostOf(environment["SUPABASE_PUBLIC_URL"]);
  const named = publicHost === null || isLoopbackHost(publicHost) ? host : publicHost;
  return `${named}/${publicKeyOf(environment).slice(-KEY_TAIL)}`;
}

/** Where the project is reached: first as people know it, then by the platform's own name. */
export function projectAddresses(environment: Variables): string[] {
  return [environment["SUPABASE_PUBLIC_URL"], environment["SUPABASE_URL"]].filter((url) => !!url) as string[];
}

/** Where people reach a function; the platform's own name for itself may be one that only its containers know. */
export function functionAddress(environment: Variables, name: string): string {
  const project = projectAddresses(environment)[0] ?? "";
  return `${project.replace(/\/+$/, "")}/functions/v1/${name}`;
}

function hostOf(url: string | undefined): string | null {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : null;
}

/** The key that every page of the project carries: of the older kind if there is one, else the first of the newer. */
function publicKeyOf(environment: Variables): string {
  const older = environment["SUPABASE_ANON_KEY"]?.trim() ?? "";
  return older === ""
    ? (/"(sb_publishable_[^"]+)"/.exec(environment["SUPABASE_PUBLISHABLE_KEYS"] ?? "")?.[1] ?? "")
    : older;
}
