import type { Simulator } from "#dev/amocrm-simulator/simulator.ts";
import type { SessionAccess } from "#shared/amocrm/settings.ts";
import type { Fetch } from "#shared/platform/http/exchange.ts";
import { SessionStandIn, STAND_IN_SECRET, STAND_IN_URL } from "#tests/support/session-stand-in.ts";
import { type Chance, createChance } from "../world/chance.ts";
import { makePlan, type Plan } from "../world/plan.ts";
import type { SessionTrouble, Trouble } from "../world/trouble.ts";
import type { VirtualTime } from "../world/virtual-time.ts";

/** For so long a read waits for a sign-in (session-transport.ts). */
const MAX_WAIT_MS = 8_000;

/**
 * A run without a token: the same history as the seed tells else, by a session service whose sessions end, which is killed in
 * mid-work, and at whose sign-in amoCRM asks for a second factor for a while.
 */
export function makeSessionPlan(seed: number): Plan {
  const { otherAccount: _other, ...plan } = makePlan(seed);
  const chance = createChance(seed, "sessions");
  const session = {
    signInMs: chance.pick([500, 3000, 12_000]),
    intervalMs: chance.pick([5000, 60_000, 600_000]),
  };
  // A session that is over before the next probe comes is of no use to anybody: where a sign-in takes longer than a call
  // waits, or may come each ten minutes only, sessions last longer than that.
  const isSlow = session.signInMs > MAX_WAIT_MS || session.intervalMs >= 600_000;
  const isCalm = plan.weather === "calm";
  // What concerns tokens has no meaning here; a token that is revoked is a session that ends.
  const troubles = plan.troubles
    .filter(({ kind }) => kind !== "other_account")
    .map((one): Trouble => (one.kind === "revoked_token" ? { ...one, kind: "session_end" } : one));
  return {
    ...plan,
    connection: "session",
    session,
    account: {
      ...plan.account,
      sign_in: {
        ended_answer: chance.pick(["html_401", "json_401", "redirect", "page"] as const),
        ttl_s: chance.pick(isSlow ? [null, 900, 86_400] : [null, 60, 300, 86_400]),
        is_sliding: chance.happens(0.3),
        rotates: chance.happens(0.3),
        counts_as: chance.pick(["integration", "account"] as const),
      },
    },
    troubles: [...troubles, ...(isCalm ? [] : planSessionTroubles(chance, plan.calmFromMs))],
  };
}

function planSessionTroubles(chance: Chance, spanMs: number): Trouble[] {
  return Array.from({ length: chance.between(1, 6) }, (): Trouble => {
    const fromMs = chance.below(spanMs);
    const untilMs = Math.min(spanMs, fromMs + 1 + chance.below(chance.pick([5000, 60_000, 300_000])));
    return {
      kind: chance.pick(["session_end", "session_end", "service_killed", "second_factor"]),
      fromMs,
      untilMs,
    };
  });
}

/** The service of a run, and who looks after it; of a run with a token there is none. */
export class Sessions {
  readonly access: SessionAccess | null;
  readonly #simulator: Simulator;
  readonly #service: SessionStandIn | null;
  #killedCount = 0;
  #askedCount = 0;

  constructor(parts: { plan: Plan; time: VirtualTime; simulator: Simulator; isReachable: () => boolean }) {
    const { plan, time, simulator, isReachable } = parts;
    this.#simulator = simulator;
    this.#service =
      plan.connection === "session"
        ? new SessionStandIn({ simulator, clock: time, isReachable, ...plan.session })
        : null;
    this.access = this.#service === null ? null : { url: STAND_IN_URL, secret: STAND_IN_SECRET };
  }

  /** Where the functions' calls go. */
  route(ours: Fetch): Fetch {
    return this.#service?.fetch ?? ours;
  }

  /** Begins a trouble and answers what ends it. Two of a kind may overlap. */
  strike(kind: SessionTrouble): () => unknown {
    if (kind === "service_killed") {
      this.#killedCount += 1;
      this.#service?.kill();
      return () => {
        this.#killedCount -= 1;
        if (this.#killedCount === 0) this.#service?.start();
      };
    }
    this.#simulator.control.endSessions();
    if (kind === "session_end") return () => undefined;
    this.#askedCount += 1;
    this.#askSecondFactor(true);
    return () => {
      this.#askedCount -= 1;
      if (this.#askedCount === 0) this.#askSecondFactor(false);
    };
  }

  /** The operator looks now and then whether the service waits for a person. */
  async lookAfter(): Promise<void> {
    if (this.#service?.keeper.health().needs_person === true) await this.#service.keeper.resume();
  }

  #askSecondFactor(second_factor: boolean): void {
    this.#simulator.control.patchSettings({ sign_in: { second_factor } });
  }
}
