/** What an API key of Supabase is for, as far as it can be seen. */
export type KeyKind = "secret" | "publishable" | "anon" | "service_role" | "odd";

export function kindOfKey(key: string): KeyKind {
  if (key.startsWith("sb_publishable_")) return "publishable";
  const role = roleOfToken(key);
  if (role === "anon" || role === "service_role") return role;
  return key.startsWith("sb_secret_") ? "secret" : "odd";
}

/** The role in one of the older keys, which are JWTs. */
function roleOfToken(key: string): unknown {
  try {
    const { role } = JSON.parse(Buffer.from(key.split(".")[1] ?? "", "base64url").toString()) as {
      role?: unknown;
    };
    return role;
  } catch {
    return undefined;
  }
}
