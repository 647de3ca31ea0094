/** What a session service says of itself instead of letting a call through: then it is not amoCRM that refuses. */
export const SESSION_CODES: ReadonlySet<string> = new Set([
  "signed_out",
  "needs_person",
  "session_unreachable",
  "session_unknown",
  "session_secret_refused",
]);
