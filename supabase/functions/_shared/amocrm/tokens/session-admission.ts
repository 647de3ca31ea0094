import type { SessionAccess } from "../settings.ts";
import { type Refused, sessionRefusal } from "./answers.ts";
import type { AccountSwitch, LongLivedToken, TokenParts } from "./port.ts";

/** Whether calls may go through a session service, and which account they are meant for. */
export type Admission = { ok: true; accountId: number } | Refused;

/** Whom a service is signed in for, and where that account is, as its first answer tells. */
export type SessionAccount = { ok: true; accountId: number; origin: string | null } | Refused;

export interface AdmissionParts extends Pick<TokenParts, "store" | "fingerprint"> {
  /** Asks amoCRM through the service, in a slot of its own. */
  whose(): Promise<SessionAccount>;
}

/**
 * The admission of a session service, asked for once in the life of a transport: the database tells which account is meant,
 * or that this is a copy of it, or that nobody knows yet, and then amoCRM is asked. Who is signed in may change later, so
 * that the service is told with each call which account it is for.
 */
export function createAdmission(
  session: SessionAccess,
  configuredHost: string | null,
  parts: AdmissionParts,
): () => Promise<Admission> {
  let last: Promise<Admission> | null = null;
  return () => {
    last ??= admit(session, configuredHost, parts);
    return last;
  };
}

async function admit(session: SessionAccess, host: string | null, parts: AdmissionParts): Promise<Admission> {
  const known = await knownBy(session, host, parts);
  let note = await parts.store.noteLongLived(known);
  if (note.outcome === "unproven") {
    const told = await parts.whose();
    if (!told.ok) return told;
    const { accountId, origin } = told;
    note = await parts.store.noteLongLived({ ...known, accountId, host: host ?? note.host ?? origin });
    if (note.outcome === "unproven") throw new Error("The database takes an account for none");
  }
  return note.outcome === "granted" ? { ok: true, accountId: note.accountId } : sessionRefusal(note);
}

/** A person says that the account which the service is signed in to is the one to send to. */
export async function switchToSession(
  session: SessionAccess,
  configuredHost: string | null,
  parts: AdmissionParts,
): Promise<({ ok: true; accountId: number } & AccountSwitch) | { ok: false; message: string }> {
  const told = await parts.whose();
  if (!told.ok) return told;
  const { accountId, origin } = told;
  const known = await knownBy(session, configuredHost ?? origin, parts);
  return { ok: true, accountId, ...(await parts.store.switchAccount({ ...known, accountId })) };
}

async function knownBy(
  { url, secret }: SessionAccess,
  host: string | null,
  { fingerprint }: AdmissionParts,
): Promise<LongLivedToken & { access: "session" }> {
  const print = await fingerprint(`session\n${url}\n${secret}`);
  return { access: "session", host, expiresAt: null, accountId: null, fingerprint: print };
}
