/** What stands for every stack on a developer's machine, whatever port it has today. */
const LOCAL = "local";

/**
 * The Supabase project that a function runs in, by the SUPABASE_URL that the platform gives it: its host, or `local`. It
 * tells a project from the copy that a restored backup or a branch is.
 */
export function projectOf(environment: Readonly<Record<string, string | undefined>>): string {
  const url = environment["SUPABASE_URL"] ?? "";
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  const isLocal = !host.includes(".") || /^[\d.]+$/.test(host) || host.endsWith(".internal");
  return isLocal ? LOCAL : host;
}
