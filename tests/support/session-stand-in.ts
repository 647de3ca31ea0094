import type { Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { createService, type ServiceRequest, type SessionService } from "#session-service/service.ts";
import { CookieJar } from "#session-service/session/jar.ts";
import { SessionKeeper } from "#session-service/session/keeper.ts";
import type { SignIn, SignInOutcome, Stop } from "#session-service/session/port.ts";
import { within } from "#session-service/session/within.ts";
import type { Clock } from "#shared/platform/clock.ts";
import type { Fetch } from "#shared/platform/http/exchange.ts";

export const STAND_IN_SECRET = "the-secret-of-the-functions-0001";
export const STAND_IN_URL = "http://127.0.0.1:3002";
const ORIGIN = "https://sim.amocrm.ru";
const DEFAULT_INTERVAL_MS = 600_000;

export interface StandInParts {
  simulator: Simulator;
  clock: Clock;
  /** Another way in than the form of the simulated page. */
  signIn?: SignIn;
  intervalMs?: number;
  stop?: Stop | null;
  /** How long a sign-in takes. */
  signInMs?: number;
  /** False: the service finds no way to amoCRM. */
  isReachable?: () => boolean;
}

/** As long as the browser's own question. */
const WHOSE_TIMEOUT_MS = 30_000;

const refused = (): TypeError =>
  Object.assign(new TypeError("simulated: connection refused"), { code: "ECONNREFUSED", syscall: "connect" });

/**
 * The session service without a browser and without sockets: its own keeper, paths, headers and refusals, with the form of
 * the simulated page sent by fetch. It can be killed in mid-work and started anew, as a process can.
 */
export class SessionStandIn {
  /** What the service asked of the network. */
  readonly asked: { url: string; init: RequestInit }[] = [];
  readonly logged: string[] = [];
  readonly notes: (Stop | null)[] = [];
  password: string;
  keeper: SessionKeeper;
  service: SessionService;
  readonly #parts: StandInParts;
  #isUp = true;
  readonly #deaths = new Set<() => void>();

  constructor(parts: StandInParts) {
    this.#parts = parts;
    this.password = parts.simulator.settings.sign_in.password;
    [this.keeper, this.service] = this.#process(parts.stop ?? null);
  }

  /** The process ends at once: who waits for an answer gets none, what has left for amoCRM goes on without it. */
  kill(): void {
    this.#isUp = false;
    for (const die of [...this.#deaths]) die();
  }

  /** A new process, that remembers nothing but that a person has to act. */
  start(): void {
    [this.keeper, this.service] = this.#process(this.notes.at(-1) ?? null);
    this.#isUp = true;
  }

  /** The functions' way in, in place of the machine's fetch. */
  readonly fetch: Fetch = async (url, init) => {
    if (!this.#isUp) throw refused();
    const request = new Request(url, init);
    const { pathname, search } = new URL(url);
    const text = init.body == null ? null : await request.text();
    const call: ServiceRequest = {
      method: request.method,
      target: pathname + search,
      header: (name) => request.headers.get(name),
      body: async () => (text === null ? null : new TextEncoder().encode(text)),
      signal: request.signal,
    };
    let die = (): void => undefined;
    const died = new Promise<never>((_resolve, reject) => {
      die = () => reject(Object.assign(new TypeError("simulated: connection reset"), { code: "ECONNRESET" }));
      this.#deaths.add(die);
    });
    try {
      return await Promise.race([this.service.handle(call), died]);
    } finally {
      this.#deaths.delete(die);
    }
  };

  #process(stop: Stop | null): [SessionKeeper, SessionService] {
    const { clock, intervalMs = DEFAULT_INTERVAL_MS } = this.#parts;
    const log = (event: string, facts?: object) => void this.logged.push(JSON.stringify({ event, ...facts }));
    const keeper = new SessionKeeper({
      signIn: this.#parts.signIn ?? (() => this.#signIn()),
      clock,
      intervalMs,
      note: { read: () => stop, write: (next) => void this.notes.push(next) },
      log,
    });
    const fetch: Fetch = (url, init) => {
      this.asked.push({ url, init });
      // As text, because each stream more costs a virtual clock its order.
      const body = init.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : null;
      return this.#send(url, { ...init, body });
    };
    const parts = { origin: ORIGIN, keeper, secret: STAND_IN_SECRET, version: "test", log, fetch };
    return [keeper, createService(parts)];
  }

  async #send(url: string, init: RequestInit = {}): Promise<Response> {
    if (this.#parts.isReachable?.() === false) throw refused();
    return await this.#parts.simulator.fetch(url, init);
  }

  async #signIn(): Promise<SignInOutcome> {
    const { clock, signInMs = 0 } = this.#parts;
    if (signInMs > 0) await clock.sleep(signInMs);
    return await this.#enter().catch(
      (): SignInOutcome => ({
        outcome: "unreachable",
        message: "amoCRM does not answer",
      }),
    );
  }

  /** What a person's browser does at the page, and the question whose session it is. */
  async #enter(): Promise<SignInOutcome> {
    const { simulator, clock } = this.#parts;
    const page = await this.#send(`${ORIGIN}/`);
    const csrf = /name="csrf_token" value="(\w+)"/.exec(await page.text())?.[1] ?? "";
    const { email } = simulator.settings.sign_in;
    const answer = await this.#send(`${ORIGIN}/oauth2/authorize`, {
      method: "POST",
      headers: { cookie: `csrf_token=${csrf}`, "content-type": "application/json" },
      body: JSON.stringify({ username: email, password: this.password, csrf_token: csrf }),
    });
    const told = (await answer.json()) as { next?: string };
    const message = "amoCRM lets nobody in";
    if (told.next === undefined) {
      return { outcome: "refused", state: "password", reason: null, message, isFinal: false };
    }
    if (told.next !== "/") {
      const state = told.next === "/sign-in/robot" ? "robot_check" : "second_factor";
      return { outcome: "refused", state, reason: null, message, isFinal: true };
    }
    const [line = ""] = answer.headers.getSetCookie();
    const value = /access_token=(\w+)/.exec(line)?.[1] ?? "";
    const jar = new CookieJar([{ name: "access_token", value }], clock.nowMs);
    const whose = await within(clock, WHOSE_TIMEOUT_MS, (signal) =>
      this.#send(`${ORIGIN}/api/v4/account`, { headers: { cookie: jar.header() }, signal }),
    );
    if (whose.status === 401) {
      return {
        outcome: "refused",
        state: "needs_person",
        reason: "session_refused",
        message,
        isFinal: false,
      };
    }
    if (whose.status !== 200) return { outcome: "unreachable", message, isTried: true };
    jar.take(whose.headers.getSetCookie());
    const { id } = (await whose.json()) as { id: number };
    return { outcome: "in", session: { jar, accountId: id } };
  }
}
