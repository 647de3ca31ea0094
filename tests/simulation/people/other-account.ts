import { defaultAccount } from "#dev/amocrm-simulator/account/account-seed.ts";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import type { Fetch } from "#shared/platform/http/exchange.ts";
import { type Chance, createChance } from "../world/chance.ts";
import type { Plan } from "../world/plan.ts";
import type { Trouble } from "../world/trouble.ts";
import type { VirtualTime } from "../world/virtual-time.ts";

/** How another account's token comes here: somebody sets it, or the token endpoint issues it when ours is renewed. */
export type OtherAccountWay = "setting" | "refresh";

const OTHER_ID = 5_550_002;
const OFTEN = 0.15;
/** Whose a token is that does not tell is asked once; drain and pull may do so at the same time. */
const ASKED_AT_ONCE = 2;

/** Now and then the token of another account is in place for a while. */
export function withOtherAccount(plan: Plan, chance: Chance): Plan {
  if (!chance.happens(OFTEN)) return plan;
  const fromMs = chance.below(plan.calmFromMs);
  const untilMs = Math.min(plan.calmFromMs, fromMs + chance.pick([5000, 60_000, 600_000]));
  const way = plan.connection === "oauth" ? chance.pick(["setting", "refresh"] as const) : "setting";
  const trouble: Trouble = { kind: "other_account", way, fromMs, untilMs };
  return {
    ...plan,
    otherAccount: { format: chance.pick(["jwt", "opaque"]) },
    troubles: [...plan.troubles, trouble],
  };
}

/** A second account, which looks like ours and must get nothing: routed to by its tokens. */
export class OtherAccount {
  readonly #simulator: Simulator;
  readonly #tokens = new Set<string>();
  #way: OtherAccountWay | null = null;

  constructor(plan: Plan, time: VirtualTime) {
    const seed = defaultAccount();
    this.#simulator = createSimulator({
      now: time.nowMs,
      sleep: time.sleep,
      random: createChance(plan.seed, "other account's tokens").next,
      account: { ...seed, account: { ...seed.account, id: OTHER_ID } },
      settings: { tokens: { format: plan.otherAccount?.format ?? "jwt" } },
    });
    this.#tokens.add(this.#simulator.accessToken);
  }

  comes(way: OtherAccountWay): void {
    this.#way = way;
  }

  goes(): void {
    this.#way = null;
  }

  /** What AMOCRM_ACCESS_TOKEN holds instead of what it should; null if it holds that. */
  get tokenInPlace(): string | null {
    return this.#way === "setting" ? this.#simulator.accessToken : null;
  }

  /** Whoever comes with a token of the other account is there; and so is a refresh, if its answers are the other's. */
  route(ours: Fetch): Fetch {
    return async (url, init) => {
      const { pathname } = new URL(url);
      if (pathname === "/oauth2/access_token" && this.#way === "refresh") {
        const pair = this.#simulator.control.issuePair();
        this.#tokens.add(pair.access_token);
        return Response.json(pair);
      }
      const token = new Headers(init.headers).get("authorization")?.replace(/^Bearer /, "") ?? "";
      return await (this.#tokens.has(token) ? this.#simulator.fetch : ours)(url, init);
    };
  }

  /** It is asked who it is, and nothing else; an answer that a worker took to its end is asked for again. */
  violations(mishapCount: number): string[] {
    const asked = this.#simulator.log.entries();
    const wrong = asked.filter(({ method, path }) => method !== "GET" || path !== "/api/v4/account");
    const most = ASKED_AT_ONCE * this.#tokens.size + mishapCount;
    return [
      ...wrong.map(({ method, path }) => `another account got ${method} ${path}`),
      ...(asked.length > most ? [`another account was asked ${asked.length} times who it is`] : []),
    ];
  }
}
