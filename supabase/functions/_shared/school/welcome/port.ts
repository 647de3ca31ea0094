/** What a pressed link is answered. */
export type Press =
  | { outcome: "granted"; email: string }
  | { outcome: "unknown" | "expired" | "password_set" | "too_many" };

/** Port: the links of welcome mails. */
export interface WelcomeLinks {
  press(token: string): Promise<Press>;
}

/** Port: the part of the project's auth service that a pressed link needs. */
export interface Recovery {
  /** A link that signs the user in once, to set a password, and then leads to `redirectTo`. */
  linkFor(email: string, redirectTo: string): Promise<string>;
}
