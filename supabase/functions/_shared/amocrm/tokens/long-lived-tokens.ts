import type { TokenAnswer, Tokens } from "../api/transport.ts";
import { longLivedRefusal } from "./answers.ts";
import { claimsOf } from "./claims.ts";
import type { AccountSwitch, LongLivedToken, TokenParts } from "./port.ts";

export type LongLivedParts = Pick<TokenParts, "store" | "hosts" | "whose" | "fingerprint">;

/** Codes with which amoCRM turns a token away at a host that its account may have left. */
const MAY_HAVE_MOVED: readonly string[] = ["unauthorized", "wrong_address", "not_found"];

/**
 * A long-lived token from the settings. Before its first use the database is told that it is in use and until when, so
 * that amocrm_health can count down, and tells where the account lives by now, or that the token is of another account or
 * this a copy of the database: then there is no token. Nobody renews it, but an account that turns it away may have moved.
 */
export function createLongLivedTokens(token: string, configuredHost: string, parts: LongLivedParts): Tokens {
  let last: Promise<TokenAnswer> | null = null;
  return {
    async accessToken(refused) {
      last ??= admit(token, configuredHost, parts);
      const answer = await last;
      if (refused !== token || !answer.ok || answer.host === undefined) return answer;
      const found = await parts.hosts.find(answer.host, null, token);
      if (found !== null) last = Promise.resolve({ ...answer, host: found });
      return await last;
    },
  };
}

async function admit(token: string, configuredHost: string, parts: LongLivedParts): Promise<TokenAnswer> {
  const known = await knownBy(token, configuredHost, parts);
  let note = await parts.store.noteLongLived(known);
  if (note.outcome === "unproven") {
    const told = await askWhose(token, note.host ?? configuredHost, parts);
    if (!told.ok) return told;
    note = await parts.store.noteLongLived({ ...known, accountId: told.accountId });
    if (note.outcome === "unproven") throw new Error("The database takes an account for none");
  }
  return note.outcome === "granted" ? { ok: true, token, host: note.host } : longLivedRefusal(note);
}

/** A person says that the account of the token is the one to send to: whose it is comes from the token, else from amoCRM. */
export async function switchToLongLived(
  token: string,
  configuredHost: string,
  parts: LongLivedParts,
): Promise<({ ok: true; accountId: number } & AccountSwitch) | { ok: false; message: string }> {
  const known = await knownBy(token, configuredHost, parts);
  const told =
    known.accountId === null
      ? await parts.whose(configuredHost, token)
      : { ok: true as const, accountId: known.accountId };
  if (!told.ok) return told;
  const { accountId } = told;
  return { ok: true, accountId, ...(await parts.store.switchAccount({ ...known, accountId })) };
}

async function knownBy(
  token: string,
  host: string,
  { fingerprint }: LongLivedParts,
): Promise<LongLivedToken> {
  return { host, ...claimsOf(token), fingerprint: await fingerprint(token) };
}

async function askWhose(token: string, host: string, { whose, hosts }: LongLivedParts) {
  const told = await whose(host, token);
  if (told.ok || !MAY_HAVE_MOVED.includes(told.code)) return told;
  const found = await hosts.find(host, null, token);
  return found === null ? told : await whose(found, token);
}
