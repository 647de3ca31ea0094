import type { TokenPair } from "../tokens/port.ts";

/** What became of a link, for whoever waits for it. Times are ISO 8601. */
interface LinkProgress {
  state: "open" | "used" | "expired";
  expiresAt: string;
  /** `connected`, or the code of what went wrong the last time. */
  lastOutcome: string | null;
}

/** Port: links and states as the database keeps them, by their hashes only. */
export interface Consents {
  makeLink(linkHash: string, allowsSwitch: boolean): Promise<{ id: number; expiresAt: string }>;
  /** Makes a state. Without a link the caller answers for who it is. */
  begin(
    stateHash: string,
    linkHash: string | null,
    allowsSwitch: boolean,
  ): Promise<"begun" | "link_unknown" | "link_used" | "link_expired">;
  /** Uses a state up: of many callers at once, one is granted. */
  useState(
    stateHash: string,
  ): Promise<{ outcome: "granted"; allowsSwitch: boolean } | { outcome: "unknown" | "used" | "expired" }>;
  /** Tells whoever waits for the link how the exchange ended; `connected` uses the link up. */
  end(stateHash: string, outcome: string): Promise<void>;
  /** Null for a link that is long gone. */
  link(id: number): Promise<LinkProgress | null>;
}

/** The account as it is known here, without its tokens. Times are ISO 8601. */
export interface KnownAccount {
  state: "connected" | "refreshing" | "reauth_required";
  access: "oauth" | "long_lived";
  host: string;
  accountId: number | null;
  subdomain: string | null;
  accessExpiresAt: string | null;
  refreshExpiresAt: string | null;
  connectedAt: string;
}

/** What `GET /api/v4/account` tells. */
export interface AccountIdentity {
  id: number;
  name: string;
  subdomain: string;
}

/** Port: asks whose an access token is, in a slot of the account's pace; null if amoCRM does not tell. */
export type Identify = (origin: string, accessToken: string) => Promise<AccountIdentity | null>;

/** Port: which account is connected. */
export interface Connections {
  known(): Promise<KnownAccount | null>;
  /** Stores the pair before its first use, and tells until when it lasts if it is never used (ISO 8601). */
  connect(pair: TokenPair, origin: string, identity: { id: number; subdomain: string }): Promise<string>;
  /** Notes what the account calls itself. */
  note(identity: AccountIdentity): Promise<void>;
  /** Before another account is connected: forgets what we know of the one before, and stops sending. */
  leave(): Promise<void>;
}
