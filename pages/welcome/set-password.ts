/** Where the page's project is. */
export interface Project {
  url: string;
  publishableKey: string;
  /** Where the course is; without it the page ends at "done". */
  courseUrl?: string;
  /** The company's name, and its picture as a data: URL. */
  brand?: string;
  logo?: string;
}

/** What became of a new password. */
export type Saved = "saved" | "weak" | "same" | "session_over" | "no_connection" | "failed";

/** Sets the password of the session's user. One request of Supabase Auth, so its client need not be loaded for it. */
export async function setPassword(project: Project, accessToken: string, password: string): Promise<Saved> {
  let response: Response;
  try {
    response = await fetch(`${project.url}/auth/v1/user`, {
      method: "PUT",
      headers: {
        apikey: project.publishableKey,
        Authorization: `Bearer ${accessToken}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ password }),
    });
  } catch {
    return "no_connection";
  }
  if (response.ok) return "saved";
  const { error_code: code }: { error_code?: unknown } = await response.json().catch(() => ({}));
  if (code === "weak_password") return "weak";
  if (code === "same_password") return "same";
  return response.status === 401 || response.status === 403 ? "session_over" : "failed";
}
