/** Why a link led nowhere; each has a title and a text. */
export type Trouble = "again" | "expired" | "unknown" | "password_set" | "too_many" | "unavailable";

/** With what the page was opened: what stands behind the # of its address. */
export type Arrival =
  /** From the mail: nothing has happened yet, and nothing does before the button is pressed. */
  | { kind: "link"; token: string }
  /** From Supabase: a session that may set a password. */
  | { kind: "session"; accessToken: string; email: string }
  | { kind: "trouble"; trouble: Trouble };

const TROUBLES: readonly string[] = ["expired", "unknown", "password_set", "too_many", "unavailable"];

/** Reads the fragment. Supabase's own faults mean that its link was used or is old: the mail's still makes a new one. */
export function readArrival(fragment: string): Arrival {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const token = values.get("token");
  if (token !== null) return { kind: "link", token };
  const accessToken = values.get("access_token");
  if (accessToken !== null) return { kind: "session", accessToken, email: emailOf(accessToken) };
  const error = values.get("error") ?? "";
  return { kind: "trouble", trouble: TROUBLES.includes(error) ? (error as Trouble) : "again" };
}

/** The address in a session, for the browser's password store; empty if it cannot be read. */
function emailOf(accessToken: string): string {
  try {
    const claims = (accessToken.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(claims), (character) => character.charCodeAt(0));
    const { email }: { email?: unknown } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof email === "string" ? email : "";
  } catch {
    return "";
  }
}
