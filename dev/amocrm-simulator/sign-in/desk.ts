import type { Ports } from "../ports.ts";
import type { Bearer } from "../traffic/tokens.ts";
import type { SignInSettings } from "./settings.ts";

/** The cookie of a session and that of the form, as amoCRM names them. */
export const SESSION_COOKIE = "access_token";
export const CSRF_COOKIE = "csrf_token";

const SESSION_CLIENT = "session";
const HEX = "0123456789abcdef";
const COOKIE_LENGTH = 48;

interface Session {
  endsAtMs: number;
  /** Rotating sessions: the value that the last answer brought, and that is not used yet. */
  next: string | null;
}

/** What signing in came to, for a test to count. */
export interface SignInCounts {
  /** Pages of the form that were shown. */
  pages: number;
  /** Forms that were sent, with whatever result. */
  tries: number;
  /** Sessions that were begun. */
  sessions: number;
  refusals: number;
  is_locked: boolean;
  open_sessions: number;
}

/** Who is signed in: visitors with their CSRF token, sessions with their end, refused tries with the lock. */
export class SignInDesk {
  readonly #ports: Ports;
  readonly #settings: () => SignInSettings;
  readonly #visitors = new Set<string>();
  readonly #sessions = new Map<string, Session>();
  #counts = { pages: 0, tries: 0, sessions: 0, refusals: 0 };
  #refusedInARow = 0;

  constructor(ports: Ports, settings: () => SignInSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  counts(): SignInCounts {
    return { ...this.#counts, is_locked: this.#isLocked(), open_sessions: this.#sessions.size };
  }

  /** A CSRF token for a page that is about to be shown. */
  visit(): string {
    this.#counts.pages++;
    const token = this.#hex();
    this.#visitors.add(token);
    return token;
  }

  /** Whether a form came from a page of ours: its token is that of the cookie, and one that we gave. */
  isOurForm(token: string, cookie: string | undefined): boolean {
    return token === cookie && this.#visitors.has(token);
  }

  /** One try; the lock refuses also what is right. */
  check(email: string, password: string): "right" | "wrong" | "locked" {
    this.#counts.tries++;
    const { email: known, password: secret } = this.#settings();
    if (this.#isLocked()) return "locked";
    if (email.trim().toLowerCase() === known.toLowerCase() && password === secret) {
      this.#refusedInARow = 0;
      return "right";
    }
    this.#refusedInARow++;
    this.#counts.refusals++;
    return "wrong";
  }

  #isLocked(): boolean {
    const { lock_after } = this.#settings();
    return lock_after !== null && this.#refusedInARow >= lock_after;
  }

  /** Begins a session and tells its cookie. */
  begin(): string {
    this.#counts.sessions++;
    return this.#open();
  }

  #open(): string {
    const value = this.#hex();
    this.#sessions.set(value, { endsAtMs: this.#endsAtMs(), next: null });
    return value;
  }

  #endsAtMs(): number {
    const { ttl_s } = this.#settings();
    return ttl_s === null ? Number.POSITIVE_INFINITY : this.#ports.now() + ttl_s * 1000;
  }

  /** Whose a cookie is, and the cookie that its answer brings, if it does; undefined if the session has ended. */
  use(cookie: string | undefined): { bearer: Bearer; renewed: string | null } | undefined {
    const session = cookie === undefined ? undefined : this.#sessions.get(cookie);
    if (cookie === undefined || session === undefined) return undefined;
    if (session.endsAtMs <= this.#ports.now()) {
      this.#sessions.delete(cookie);
      return undefined;
    }
    const { is_sliding, rotates, user_id } = this.#settings();
    if (is_sliding) session.endsAtMs = this.#endsAtMs();
    for (const [old, { next }] of this.#sessions) if (next === cookie) this.#sessions.delete(old);
    if (rotates && session.next === null) session.next = this.#open();
    return { bearer: { clientId: SESSION_CLIENT, userId: user_id }, renewed: rotates ? session.next : null };
  }

  /** Ends every session, as a change of the password does, or the user's own "leave all devices". */
  endAll(): void {
    this.#sessions.clear();
  }

  reset(): void {
    this.endAll();
    this.#visitors.clear();
    this.#refusedInARow = 0;
    this.#counts = { pages: 0, tries: 0, sessions: 0, refusals: 0 };
  }

  #hex(): string {
    let digits = "";
    for (let place = 0; place < COOKIE_LENGTH; place++)
      digits += HEX[Math.floor(this.#ports.random() * HEX.length)];
    return digits;
  }
}
