import type { Ports } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { DEFAULT_CLIENT } from "../settings.ts";
import { TokenMint } from "./token-mint.ts";

/** The user that a token acts for when nothing says otherwise: the seed's administrator. */
const DEFAULT_USER_ID = 7001;
const LONG_LIVED_S = 5 * 365 * 86_400;

/** A token pair of one consent, or of one refresh after it. */
interface Pair {
  clientId: string;
  userId: number;
  access: string;
  accessExpiresAt: number;
  refresh: string;
  refreshExpiresAt: number;
  /** `spent` in grace mode: its successor has not been used yet, so it still works once more. */
  state: "live" | "spent" | "dead";
  successor: Pair | undefined;
  predecessor: Pair | undefined;
}

interface Code {
  clientId: string;
  userId: number;
  expiresAt: number;
  isUsed: boolean;
}

/** Who a request comes from. */
export interface Bearer {
  clientId: string;
  userId: number;
}

/** What the client may see of a pair. */
export interface IssuedPair {
  token_type: "Bearer";
  expires_in: number;
  access_token: string;
  refresh_token: string;
  server_time: number;
}

export type Exchange =
  | { kind: "issued"; pair: IssuedPair }
  | { kind: "refused"; status: 400 | 401; hint: string };

/** Issues, exchanges and checks tokens and codes; strict and grace rotation as amocrm-api 1.5 has them. */
export class TokenOffice {
  /** The long-lived token that exists when the settings name none. */
  readonly longLivedToken: string;
  readonly #ports: Ports;
  readonly #settings: () => Settings;
  readonly #mint: TokenMint;
  readonly #byAccess = new Map<string, Pair>();
  readonly #byRefresh = new Map<string, Pair>();
  readonly #codes = new Map<string, Code>();
  readonly #revoked = new Set<string>();
  /** Long-lived tokens that were made later, with their ends. */
  readonly #laterTokens = new Map<string, number>();
  readonly #longLivedExpiresAt: number;

  constructor(ports: Ports, settings: () => Settings, account: { id: number; base_domain: string }) {
    this.#ports = ports;
    this.#settings = settings;
    this.#mint = new TokenMint(ports, account);
    this.#longLivedExpiresAt = this.#now() + LONG_LIVED_S;
    this.longLivedToken = this.#mintLongLived(this.#longLivedExpiresAt);
  }

  #mintLongLived(expiresAt: number): string {
    const { format, clients } = this.#settings().tokens;
    const clientId = clients[0]?.client_id ?? DEFAULT_CLIENT.client_id;
    return this.#mint.access({
      format,
      clientId,
      userId: DEFAULT_USER_ID,
      issuedAt: this.#now(),
      expiresAt,
    });
  }

  #now(): number {
    return Math.floor(this.#ports.now() / 1000);
  }

  /** A token that works without OAuth: the first of the settings, else the one made at the start. */
  usableToken(): string {
    const first = this.#settings().tokens.access_tokens[0];
    if (first === undefined) return this.longLivedToken;
    return typeof first === "string" ? first : first.token;
  }

  /** Who the access token belongs to; undefined when it is unknown, expired or revoked. */
  bearer(token: string): Bearer | undefined {
    if (this.#revoked.has(token)) return undefined;
    const fixed = this.#fixedBearer(token);
    if (fixed !== undefined) return fixed;
    const pair = this.#byAccess.get(token);
    if (pair === undefined || pair.accessExpiresAt <= this.#now()) return undefined;
    const diesWithRefresh = this.#settings().tokens.refresh_kills_old_access;
    if (pair.state !== "live" && diesWithRefresh) return undefined;
    this.#used(pair, "access");
    return { clientId: pair.clientId, userId: pair.userId };
  }

  #fixedBearer(token: string): Bearer | undefined {
    const { access_tokens, clients } = this.#settings().tokens;
    const clientId = clients[0]?.client_id ?? DEFAULT_CLIENT.client_id;
    const isOwn = access_tokens.length === 0 && token === this.longLivedToken;
    const expiresAt = isOwn ? this.#longLivedExpiresAt : this.#laterTokens.get(token);
    if (expiresAt !== undefined)
      return expiresAt > this.#now() ? { clientId, userId: DEFAULT_USER_ID } : undefined;
    for (const entry of access_tokens) {
      const named = typeof entry === "string" ? { token: entry } : entry;
      if (named.token !== token) continue;
      if (named.expires_at !== undefined && named.expires_at <= this.#now()) return undefined;
      return { clientId: named.client_id ?? clientId, userId: named.user_id ?? DEFAULT_USER_ID };
    }
    return undefined;
  }

  /** Whose refresh token this is, if it still works; used by the look-up of a moved account. */
  refreshOwner(token: string): Bearer | undefined {
    const pair = this.#byRefresh.get(token);
    if (pair === undefined || pair.state === "dead" || pair.refreshExpiresAt <= this.#now()) return undefined;
    return { clientId: pair.clientId, userId: pair.userId };
  }

  /** Another long-lived token, as somebody makes one on the integration's page when the first is lost. */
  issueLongLived(): string {
    const expiresAt = this.#now() + LONG_LIVED_S;
    const token = this.#mintLongLived(expiresAt);
    this.#laterTokens.set(token, expiresAt);
    return token;
  }

  /** A fresh authorisation code, as the consent page hands out. */
  issueCode(clientId: string, userId = DEFAULT_USER_ID): string {
    const code = this.#mint.code();
    const expiresAt = this.#now() + this.#settings().tokens.code_ttl_s;
    this.#codes.set(code, { clientId, userId, expiresAt, isUsed: false });
    return code;
  }

  /** A pair out of nothing, for tests that start with a connected account. */
  issuePair(clientId: string, userId = DEFAULT_USER_ID): IssuedPair {
    return this.#issued(this.#newPair({ clientId, userId }, undefined));
  }

  exchangeCode(clientId: string, code: string): Exchange {
    const known = this.#codes.get(code);
    if (known === undefined || known.clientId !== clientId) {
      return { kind: "refused", status: 400, hint: "Cannot decrypt the authorization code" };
    }
    if (known.isUsed) return { kind: "refused", status: 400, hint: "Authorization code has been revoked" };
    if (known.expiresAt <= this.#now()) {
      return { kind: "refused", status: 400, hint: "Authorization code has expired" };
    }
    known.isUsed = true;
    return { kind: "issued", pair: this.#issued(this.#newPair(known, undefined)) };
  }

  refresh(clientId: string, token: string): Exchange {
    const pair = this.#byRefresh.get(token);
    if (pair === undefined || pair.clientId !== clientId) {
      return { kind: "refused", status: 400, hint: "Invalid refresh token" };
    }
    if (pair.refreshExpiresAt <= this.#now()) {
      return { kind: "refused", status: 401, hint: "Token has expired" };
    }
    if (pair.state === "dead") return { kind: "refused", status: 401, hint: "Token has been revoked" };
    this.#used(pair, "refresh");
    // A repeat within the grace time brings a second pair and kills the first one.
    if (pair.successor !== undefined) this.#kill(pair.successor);
    pair.state = this.#settings().tokens.refresh_mode === "grace" ? "spent" : "dead";
    pair.successor = this.#newPair(pair, pair);
    return { kind: "issued", pair: this.#issued(pair.successor) };
  }

  /** Revokes one token, or with none every token there is, as regenerating the secret does. */
  revoke(token?: string): void {
    if (token !== undefined) {
      this.#revoked.add(token);
      const pair = this.#byAccess.get(token) ?? this.#byRefresh.get(token);
      if (pair !== undefined) this.#kill(pair);
      return;
    }
    for (const pair of this.#byAccess.values()) this.#kill(pair);
    this.#revoked.add(this.longLivedToken);
    for (const issued of this.#laterTokens.keys()) this.#revoked.add(issued);
    for (const entry of this.#settings().tokens.access_tokens) {
      this.#revoked.add(typeof entry === "string" ? entry : entry.token);
    }
  }

  /** Forgets all consents and revocations; the long-lived token stays what it was. */
  reset(): void {
    this.#byAccess.clear();
    this.#byRefresh.clear();
    this.#codes.clear();
    this.#revoked.clear();
    this.#laterTokens.clear();
  }

  #kill(pair: Pair): void {
    pair.state = "dead";
    pair.accessExpiresAt = 0;
  }

  /** The first use of a new pair ends the grace of the one before it. */
  #used(pair: Pair, by: "access" | "refresh"): void {
    const endsOn = this.#settings().tokens.grace_ends_on;
    if (pair.predecessor?.state === "spent" && (endsOn === "any" || endsOn === by))
      pair.predecessor.state = "dead";
  }

  #newPair(owner: Bearer, predecessor: Pair | undefined): Pair {
    const { tokens } = this.#settings();
    const now = this.#now();
    const spreadS = Math.floor(this.#ports.random() * tokens.access_ttl_spread_s);
    const accessExpiresAt = now + Math.max(1, tokens.access_ttl_s - spreadS);
    const pair: Pair = {
      clientId: owner.clientId,
      userId: owner.userId,
      access: this.#mint.access({
        format: tokens.format,
        ...owner,
        issuedAt: now,
        expiresAt: accessExpiresAt,
      }),
      accessExpiresAt,
      refresh: this.#mint.refresh(),
      refreshExpiresAt: now + tokens.refresh_ttl_s,
      state: "live",
      successor: undefined,
      predecessor,
    };
    this.#byAccess.set(pair.access, pair);
    this.#byRefresh.set(pair.refresh, pair);
    return pair;
  }

  #issued(pair: Pair): IssuedPair {
    const now = this.#now();
    return {
      token_type: "Bearer",
      expires_in: pair.accessExpiresAt - now,
      access_token: pair.access,
      refresh_token: pair.refresh,
      server_time: now,
    };
  }
}
