import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import type { SignIn, Stop } from "#session-service/session/port.ts";
import type { Clock } from "#shared/platform/clock.ts";
import { SessionStandIn, STAND_IN_SECRET } from "#tests/support/session-stand-in.ts";

export const SECRET = STAND_IN_SECRET;
const START_MS = 1_800_000_000_000;

/** A clock that goes on when it is told to. */
class HandClock implements Clock {
  #nowMs = START_MS;
  readonly #sleepers: { untilMs: number; wake: () => void }[] = [];
  nowMs = (): number => this.#nowMs;
  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((wake) => {
      this.#sleepers.push({ untilMs: this.#nowMs + ms, wake });
      signal?.addEventListener("abort", () => wake(), { once: true });
    });
  async advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const { untilMs, wake } of this.#sleepers) if (untilMs <= this.#nowMs) wake();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

export interface Played {
  simulator: Simulator;
  clock: HandClock;
  standIn: SessionStandIn;
  keeper: SessionStandIn["keeper"];
  service: SessionStandIn["service"];
  asked: SessionStandIn["asked"];
  logged: SessionStandIn["logged"];
  notes: SessionStandIn["notes"];
  /** A request with this target as it came on the wire, by whoever shows the secret. */
  call(target: string, init?: CallInit): Promise<Response>;
  type(password: string): void;
}

interface CallInit {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** null: none is shown. */
  secret?: string | null;
  signal?: AbortSignal;
}

/** The service on a virtual clock before a simulated account, with its sockets and its browser played. */
export function playService(
  options: { account?: SettingsInput; signIn?: SignIn; stop?: Stop | null; intervalMs?: number } = {},
): Played {
  const { account, ...parts } = options;
  const clock = new HandClock();
  const simulator = createSimulator({
    now: clock.nowMs,
    sleep: clock.sleep,
    settings: { rate: { requests_per_second: 0, account_per_second: 0, blocks_after: null }, ...account },
  });
  const standIn = new SessionStandIn({ simulator, clock, ...parts });
  const { keeper, service, asked, logged, notes } = standIn;
  return {
    simulator,
    clock,
    standIn,
    keeper,
    service,
    asked,
    logged,
    notes,
    type: (next) => {
      standIn.password = next;
    },
    call(target, { method = "GET", headers = {}, body, secret = SECRET, signal } = {}) {
      const all: Record<string, string> = {
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        ...headers,
      };
      return service.handle({
        method,
        target,
        header: (name) => all[name] ?? null,
        body: async () => (body === undefined ? null : new TextEncoder().encode(body)),
        signal: signal ?? new AbortController().signal,
      });
    },
  };
}
