import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { OAuthApp } from "../settings.ts";

/** A pair as amoCRM issued it. Both are opaque texts and live in Vault, in memory and nowhere else. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
}

/** The account a pair belongs to. `host` is an origin such as https://company.amocrm.ru. */
interface AccountFacts {
  host: string;
  accountId: number;
  subdomain: string;
}

/** What is stored, without the refresh token: that one leaves the store inside a claim only. */
export type StoredTokens = UsableTokens | UnusableTokens;

/** A pair is there. `accessToken` is null if it was taken over and never refreshed. */
export interface UsableTokens {
  state: "connected" | "refreshing";
  host: string;
  accountId: number | null;
  /** Whether the pair is known to be of that account; one that was taken over is asked about before its first use. */
  isProven: boolean;
  /** Counts pairs: whoever was refused with one version looks for a newer one first. */
  version: number;
  accessToken: string | null;
  /** What is left of the access token by the database's clock; 0 if it is over. */
  expiresInMs: number;
  /** A refresh is due by the calendar: soon over, or a week old. */
  isDue: boolean;
}

/**
 * No pair that may be used. `absent`: never connected. `reauth_required`: amoCRM ended the connection.
 * `foreign`: this database is a copy, another project holds the connection. `restored`: it is not the database that it
 * was. `unreadable`: Vault cannot give the pair back.
 */
export interface UnusableTokens {
  state: "absent" | "reauth_required" | "foreign" | "restored" | "unreadable";
  host: string | null;
  /** The project that connected, for `foreign`. */
  project?: string | undefined;
  lastErrorCode?: string | null | undefined;
}

/** A long-lived token, or a session service, as the database may know it: by what it tells of itself. */
export interface LongLivedToken {
  access?: "long_lived" | "session";
  /** Origin of the account by the settings; null for a session service that is all that is set. */
  host: string | null;
  /** ISO 8601. */
  expiresAt: string | null;
  accountId: number | null;
  /** SHA-256 of the token, or of the service's address and secret. */
  fingerprint: string;
}

/** Whether a long-lived token may be used. */
export type LongLivedNote =
  /** `host` is where the account is by now. */
  | { outcome: "granted"; host: string; accountId: number }
  /** Nobody knows yet whose it is: amoCRM tells. */
  | { outcome: "unproven"; host: string | null }
  | { outcome: "other_account"; accountId: number }
  | { outcome: "foreign" | "restored"; project: string };

/** What became of a switch. `isOther`: what was known of `previousId` is forgotten, and sending is paused. */
export interface AccountSwitch {
  isOther: boolean;
  previousId: number | null;
}

/** Port: asks amoCRM whose an access token is, in a slot of the pace. `message` says what to do and holds no token. */
export type WhoseToken = (
  host: string,
  accessToken: string,
) => Promise<{ ok: true; accountId: number } | { ok: false; code: string; message: string }>;

/** The answer to the wish to refresh the pair of a version. */
export type RefreshClaim =
  | { outcome: "claimed"; claim: number; version: number; host: string; refreshToken: string }
  /** Another process refreshes, for that long at most. */
  | { outcome: "busy"; waitMs: number }
  /** The last refresh failed, or sending is stopped: not before that wait. */
  | { outcome: "not_yet"; waitMs: number; code: string | null }
  | { outcome: "moved_on"; tokens: UsableTokens }
  | { outcome: "unusable"; tokens: UnusableTokens };

/** Why a refresh brought no pair. `message` says what to do and holds no token. */
interface RefreshFailure {
  code: string;
  message: string;
  /** Nothing but a new consent helps. */
  isFinal: boolean;
  waitMs: number;
}

/** Port: the connection as the database keeps it. Nothing but these methods touches tokens at rest. */
export interface TokenStore {
  read(): Promise<StoredTokens>;
  claim(version: number): Promise<RefreshClaim>;
  /**
   * Commits the pair before its first use. `moved_on`: a newer one is there, this one is forgotten. `other_account`: it is
   * of another account than the one whose ids are here, and of no use. `accountId` is null if the token does not tell it.
   */
  store(
    claim: number,
    version: number,
    pair: TokenPair,
    accountId: number | null,
  ): Promise<"stored" | "moved_on" | "other_account">;
  /** amoCRM has told whose the pair of a version is. */
  prove(version: number, accountId: number): Promise<"proven" | "moved_on" | "other_account">;
  /** `busy`: a later refresh of the same pair is under way and may be the reason of the refusal. */
  fail(
    claim: number,
    version: number,
    failure: RefreshFailure,
  ): Promise<"reauth_required" | "released" | "moved_on" | "busy">;
  /** Stores the pair of a consent and lets waiting messages go. Tells its version. */
  connect(pair: TokenPair, account: AccountFacts): Promise<number>;
  /** Takes over AMOCRM_REFRESH_TOKEN, once; never over a pair that works. */
  takeOver(refreshToken: string, host: string): Promise<boolean>;
  /** Whether a long-lived token may be used; remembers that it is, and until when, if it tells. */
  noteLongLived(token: LongLivedToken): Promise<LongLivedNote>;
  /** A person says that this project sends to the token's account, from this database. */
  switchAccount(token: LongLivedToken & { accountId: number }): Promise<AccountSwitch>;
  /** Whether whoever was turned away at a host may ask where the account is: once an hour. `moved`: it is known already. */
  mayLookUp(host: string): Promise<{ outcome: "granted" | "not_yet" } | { outcome: "moved"; host: string }>;
  /** The account of one host is at another now; false if that is known already. */
  moved(from: string, to: string): Promise<boolean>;
  /** Forgets account and tokens; false if there were none. */
  disconnect(): Promise<boolean>;
}

/** What came of a request to the token endpoint. */
export type TokenVerdict =
  | { verdict: "issued"; pair: TokenPair }
  /** amoCRM may have issued a pair that never reached us: the same request once more brings it, if amoCRM is graceful. */
  | { verdict: "lost"; code: string; message: string }
  /** This code or refresh token is over. */
  | { verdict: "refused"; code: string; message: string }
  /** Nothing was said of the code or token: try later. `wrong_host`: this is not, or no longer, the account's host. */
  | { verdict: "hindered"; code: string; message: string; waitMs: number };

/** Port: amoCRM's token endpoint. Each request takes a slot of the account's pace. `host` is an origin. */
export interface TokenEndpoint {
  refresh(host: string, refreshToken: string): Promise<TokenVerdict>;
  /** Exchanges the authorisation code of a consent. */
  exchange(host: string, code: string): Promise<TokenVerdict>;
}

/**
 * Port: finds, by amoCRM's own look-up, where an account lives now, and remembers it; null if amoCRM does not tell. Without
 * a refresh token, as with a long-lived token, the access token has to do.
 */
export interface HostFinder {
  find(host: string, refreshToken: string | null, accessToken: string | null): Promise<string | null>;
}

/** Everything that tokens are made of, whichever kind the settings call for. */
export interface TokenParts {
  store: TokenStore;
  endpointOf(app: OAuthApp): TokenEndpoint;
  hosts: HostFinder;
  whose: WhoseToken;
  /** SHA-256 in hexadecimal. */
  fingerprint(text: string): Promise<string>;
  clock: Clock;
  log: Log;
}
