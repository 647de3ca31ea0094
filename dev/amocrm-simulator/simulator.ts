import type { AccountSeed } from "./account/account-seed.ts";
import { defaultAccount } from "./account/account-seed.ts";
import type { Population } from "./account/populate.ts";
import { populate } from "./account/populate.ts";
import { AccountState } from "./account/state.ts";
import { AccountStore } from "./account/store.ts";
import type { World } from "./account/world.ts";
import { Control } from "./control.ts";
import { answerControl, CONTROL_PREFIX } from "./control-routes.ts";
import { fetchOf } from "./fetch.ts";
import { HookOffice } from "./hooks/office.ts";
import type { Incoming, Outcome } from "./http.ts";
import type { Ports } from "./ports.ts";
import { seededRandom, systemPost, systemSleep } from "./ports.ts";
import type { Settings, SettingsInput } from "./settings.ts";
import { parseSettings, patchSettings } from "./settings.ts";
import { SignInDesk } from "./sign-in/desk.ts";
import { FaultScript } from "./traffic/faults.ts";
import { passRequest } from "./traffic/pipeline.ts";
import { RateLimiter } from "./traffic/rate-limit.ts";
import { RateRefusals } from "./traffic/refusals.ts";
import { RequestLog } from "./traffic/request-log.ts";
import { TokenOffice } from "./traffic/tokens.ts";

/** How a simulator is set up; every part has a default. */
export interface SimulatorOptions extends Partial<Ports> {
  settings?: SettingsInput;
  /** Users, pipelines and fields of the account; by default those of `SEED_IDS`. */
  account?: AccountSeed;
  /** Contacts and deals that are there from the start. */
  population?: Population;
  /** Seed of the built-in randomness, used when no `random` is given. */
  seed?: number;
}

/** A simulated amoCRM account with the API before it. */
export interface Simulator {
  /** Takes the place of the global `fetch`, whatever the host. */
  fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** The same for a caller that speaks sockets: says how the request ends instead of throwing. */
  handle: (incoming: Incoming) => Promise<Outcome>;
  readonly state: AccountState;
  readonly log: RequestLog;
  readonly control: Control;
  /** Its webhooks: the subscriptions, and what became of each delivery. */
  readonly hooks: HookOffice;
  /** The settings in force. */
  readonly settings: Settings;
  /** A long-lived token that the API accepts. */
  readonly accessToken: string;
}

/** Makes a simulator. Nothing runs until a request comes; all waiting goes through the `sleep` port. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const ports: Ports = {
    now: options.now ?? Date.now,
    random: options.random ?? seededRandom(options.seed ?? 1),
    sleep: options.sleep ?? systemSleep,
    post: options.post ?? systemPost,
  };
  let settings = parseSettings(options.settings);
  const readSettings = () => settings;
  let account = options.account ?? defaultAccount();
  let store = new AccountStore(ports, readSettings, account);
  const tokens = new TokenOffice(ports, readSettings, account.account);
  const desk = new SignInDesk(ports, () => settings.sign_in);
  const hooks = new HookOffice(ports, readSettings, () => store);
  const limiter = new RateLimiter(() => settings.rate);
  const around = {
    limiter,
    refusals: new RateRefusals(),
    faults: new FaultScript(ports.random),
    log: new RequestLog(),
  };
  if (options.population !== undefined) populate(store, options.population);

  const world = (): World => ({ ports, settings, store, tokens, hooks, desk });
  const control = new Control({
    world,
    limiter,
    faults: around.faults,
    patchSettings: (patch) => {
      settings = patchSettings(settings, patch);
      return settings;
    },
    reset: (seed) => {
      account = seed ?? account;
      store = new AccountStore(ports, readSettings, account);
      tokens.reset();
      desk.reset();
      limiter.reset();
      hooks.reset();
      around.faults.clear();
      around.log.clear();
    },
  });
  const handle = async (incoming: Incoming): Promise<Outcome> => {
    const isControl = incoming.url.pathname.startsWith(`${CONTROL_PREFIX}/`);
    if (isControl) return { kind: "answer", answer: answerControl(simulator, incoming) };
    return await passRequest(world(), around, incoming);
  };
  const simulator: Simulator = {
    fetch: fetchOf(handle, { ports, hangMaxMs: () => settings.hang_max_ms }),
    handle,
    state: new AccountState(() => store),
    log: around.log,
    control,
    hooks,
    get settings() {
      return settings;
    },
    get accessToken() {
      return tokens.usableToken();
    },
  };
  return simulator;
}
