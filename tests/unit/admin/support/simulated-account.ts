import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { type AccountAccess, createAccountAccess } from "#shared/amocrm/api/account-access.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import { fault } from "#shared/amocrm/api/faults.ts";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import type { FaultCode } from "#shared/amocrm/api/verdict.ts";
import { parseSettings, type Settings } from "#shared/amocrm/settings.ts";
import { createStaticTokens } from "#shared/amocrm/tokens/static-token.ts";
import type { Pace, Slot } from "#shared/outbox/port.ts";
import { systemClock } from "#shared/platform/clock.ts";
import { createFakeRequestLog } from "../../support/request-log.ts";

/** The account's pace with every slot free, and a list of what the guard did to it. */
export interface FakePace extends Pace {
  slot: Slot;
  acts: string[];
}

export function createFakePace(): FakePace {
  const pace: FakePace = {
    slot: { granted: true, isProbe: false, waitMs: 0, intervalMs: 0 },
    acts: [],
    reserveSlot: async () => pace.slot,
    reserveTokenSlot: async () => pace.slot,
    // As amocrm.error_policies has it by default. A command's requests are all one to it, so they never come to three.
    async reportFault({ code, isProbe }) {
      const { blame } = fault(code as FaultCode);
      if (code === "validation_failed" || code === "not_found") return "harmless";
      if (blame !== "account" && !isProbe) return "counts";
      pace.acts.push(`${code === "rate_limited" ? "slow down" : "open breaker"}: ${code}`);
      return "stop";
    },
    reportAnswer: async () => {},
    closeBreaker: async () => void pace.acts.push("close breaker"),
  };
  return pace;
}

export interface SimulatedAccount {
  simulator: Simulator;
  pace: FakePace;
  account: AccountAccess;
  /** Method and path of each request that amoCRM got. */
  requests(): string[];
}

/** The real client over the simulator, through the real pacer and guard. */
export function createSimulatedAccount(settings?: Settings): SimulatedAccount {
  const clock = systemClock;
  const simulator = createSimulator({ settings: UNLIMITED_SETTINGS });
  const pace = createFakePace();
  const account = createAccountAccess({
    settings:
      settings ?? parseSettings({ AMOCRM_SUBDOMAIN: "sim", AMOCRM_ACCESS_TOKEN: simulator.accessToken }),
    pace,
    clock,
    requestLog: createFakeRequestLog(),
    connect: ({ baseUrl, accessToken }, slots) =>
      createAmocrmClient(
        createHttpTransport({
          baseUrl,
          fetch: simulator.fetch,
          slots,
          tokens: createStaticTokens(accessToken),
          clock,
        }),
      ),
  });
  const requests = (): string[] => simulator.log.entries().map(({ method, path }) => `${method} ${path}`);
  return { simulator, pace, account, requests };
}
