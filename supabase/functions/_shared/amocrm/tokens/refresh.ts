import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { claimsOf } from "./claims.ts";
import type {
  HostFinder,
  RefreshClaim,
  TokenEndpoint,
  TokenPair,
  TokenStore,
  TokenVerdict,
  UsableTokens,
} from "./port.ts";

/** A pair that is in memory only is the connection itself in strict mode: so storing it is tried that often, … */
const STORE_TRIES = 5;
/** … with a pause that doubles from this: the database may be restarting. */
const STORE_PAUSE_MS = 500;
/** amoCRM was asked twice and said nothing of the token: the next try may wait. */
const LOST_WAIT_MS = 30_000;

/** What a refresh works with. */
export interface RefreshPorts {
  store: TokenStore;
  endpoint: TokenEndpoint;
  /** Null: an account that has moved is not followed. */
  hosts: HostFinder | null;
  clock: Clock;
  log: Log;
}

/** How the wish for a newer pair ended. After `renewed` and `ended` the store tells what there is. */
export type RefreshEnd =
  | { outcome: "renewed" }
  /** No pair that may be used: the store says why. */
  | { outcome: "ended" }
  /** Another process refreshes. */
  | { outcome: "busy"; waitMs: number }
  /** The last try failed, or sending is stopped: not now. */
  | { outcome: "not_yet"; code: string | null };

/**
 * Refreshes the pair of a version, if nobody else does. No lock is held while amoCRM is asked; whoever dies on the way
 * leaves a lease that ends by itself. The new pair is stored before anybody uses it.
 */
export async function refresh(tokens: UsableTokens, ports: RefreshPorts): Promise<RefreshEnd> {
  const claim = await ports.store.claim(tokens.version);
  switch (claim.outcome) {
    case "claimed":
      return await carryOut(claim, tokens.accessToken, ports);
    case "moved_on":
      return { outcome: "renewed" };
    case "unusable":
      return { outcome: "ended" };
    case "busy":
    case "not_yet":
      return claim;
  }
}

type Claimed = Extract<RefreshClaim, { outcome: "claimed" }>;

async function carryOut(
  claim: Claimed,
  accessToken: string | null,
  ports: RefreshPorts,
): Promise<RefreshEnd> {
  const verdict = await ask(claim, accessToken, ports);
  if (verdict.verdict === "issued") return await keep(claim, verdict.pair, ports);
  const isFinal = verdict.verdict === "refused";
  const waitMs = verdict.verdict === "hindered" ? verdict.waitMs : LOST_WAIT_MS;
  const { code, message } = verdict;
  // The store reads its row again first: if a sibling has won meanwhile, the refusal was only the echo of that.
  const outcome = await ports.store.fail(claim.claim, claim.version, { code, message, isFinal, waitMs });
  ports.log(isFinal ? "error" : "warn", "token_refresh_failed", { code, outcome, version: claim.version });
  switch (outcome) {
    case "moved_on":
      return { outcome: "renewed" };
    case "reauth_required":
      return { outcome: "ended" };
    case "busy":
      return { outcome: "busy", waitMs };
    case "released":
      return { outcome: "not_yet", code };
  }
}

/** Asks for a pair, and once more where amoCRM may have issued one that was lost: until it is used, the old token works on. */
async function ask(
  claim: Claimed,
  accessToken: string | null,
  { endpoint, hosts, log }: RefreshPorts,
): Promise<TokenVerdict> {
  const { host, refreshToken } = claim;
  const verdict = await endpoint.refresh(host, refreshToken);
  if (verdict.verdict === "lost") {
    log("warn", "token_answer_lost", { code: verdict.code, version: claim.version });
    return await endpoint.refresh(host, refreshToken);
  }
  if (verdict.verdict === "hindered" && verdict.code === "wrong_host") {
    const found = (await hosts?.find(host, refreshToken, accessToken)) ?? null;
    if (found !== null && found !== host) return await endpoint.refresh(found, refreshToken);
  }
  return verdict;
}

async function keep(
  claim: Claimed,
  pair: TokenPair,
  { store, clock, log }: RefreshPorts,
): Promise<RefreshEnd> {
  for (let tryCount = 1; ; tryCount++) {
    try {
      const { accountId } = claimsOf(pair.accessToken);
      const outcome = await store.store(claim.claim, claim.version, pair, accountId);
      if (outcome === "other_account") {
        log("error", "token_of_other_account", { version: claim.version });
        return { outcome: "ended" };
      }
      log("info", "token_refreshed", { outcome, version: claim.version + 1 });
      return { outcome: "renewed" };
    } catch (error) {
      if (tryCount >= STORE_TRIES) throw error;
      await clock.sleep(STORE_PAUSE_MS * 2 ** (tryCount - 1));
    }
  }
}
