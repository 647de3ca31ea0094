import { type SettingsInput, UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import type { LogEntry } from "#dev/amocrm-simulator/traffic/request-log.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import { type PullReport, pull } from "#shared/amocrm/pull/pull.ts";
import { createStaticTokens } from "#shared/amocrm/tokens/static-token.ts";
import type { Slot } from "#shared/outbox/port.ts";
import type { Clock } from "#shared/platform/clock.ts";
import { createFakePace, type FakePace } from "../../../admin/support/simulated-account.ts";
import { createFakeRequestLog } from "../../../support/request-log.ts";
import { createFakePulls, type FakePulls, Killed } from "./fake-pulls.ts";

const SECOND_MS = 1000;

export interface Pulling {
  simulator: Simulator;
  pulls: FakePulls;
  pace: FakePace;
  /** Time goes on by a second with each request, and by what is slept. */
  clock: Clock & { advance(ms: number): void };
  /** Called before each request, with its number from 1. */
  beforeRequest: (count: number) => void;
  /** One call of the function; null if it was killed. */
  call(): Promise<PullReport | null>;
  /** Calls until nothing is due. */
  callAll(): Promise<PullReport[]>;
  requests(): LogEntry[];
}

/** The use case on the real client and a simulated account, with the database in memory. */
export function createPulling(
  population: { contacts: number; deals: number; days?: number },
  settings: SettingsInput = {},
): Pulling {
  let nowMs = Date.UTC(2026, 5, 1, 9);
  const clock: Pulling["clock"] = {
    nowMs: () => nowMs,
    // A timeout never strikes; any other wait is over at once, and costs its time.
    async sleep(ms, signal) {
      if (signal !== undefined) {
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      }
      nowMs += ms;
    },
    advance(ms) {
      nowMs += ms;
    },
  };
  const simulator = createSimulator({
    now: clock.nowMs,
    settings: { ...UNLIMITED_SETTINGS, ...settings },
    population,
  });
  const pace = createFakePace();
  const pulls = createFakePulls(clock.nowMs);
  let requestCount = 0;
  const pulling: Pulling = {
    simulator,
    pulls,
    pace,
    clock,
    beforeRequest: () => {},
    async call() {
      try {
        return await pull({
          pulls,
          pace,
          storePipelines: async () => {},
          requestLog: createFakeRequestLog(),
          connect: (slots) =>
            createAmocrmClient(
              createHttpTransport({
                baseUrl: "https://sim.amocrm.ru",
                fetch: (url, init) => {
                  requestCount += 1;
                  nowMs += SECOND_MS;
                  pulling.beforeRequest(requestCount);
                  return simulator.fetch(url, init);
                },
                slots,
                tokens: createStaticTokens(simulator.accessToken),
                clock,
              }),
            ),
          clock,
          random: () => 0.5,
          log: () => {},
          newToken: () => "token",
        });
      } catch (error) {
        if (error instanceof Killed) return null;
        throw error;
      }
    },
    async callAll() {
      const reports: PullReport[] = [];
      for (let count = 0; count < 100; count++) {
        const report = await pulling.call();
        if (report !== null) reports.push(report);
        if (report?.isMoreDue === false || report?.outcome === "not_due") return reports;
      }
      throw new Error("The pull does not come to an end");
    },
    requests: () => simulator.log.entries(),
  };
  return pulling;
}

/** A pull whose mirror is complete, an hour ago. */
export async function completePulling(
  population: Parameters<typeof createPulling>[0],
  settings?: Parameters<typeof createPulling>[1],
): Promise<Pulling> {
  const pulling = createPulling(population, settings);
  await pulling.callAll();
  pulling.clock.advance(3600 * SECOND_MS);
  pulling.pulls.want();
  pulling.simulator.log.clear();
  return pulling;
}

/** A slot that is not given. */
export function refused(code: string): Slot {
  return { granted: false, code, message: code, waitMs: 1000 };
}

/** Ids of the account's living contacts and deals, as the API would show them. */
export function livingIds(simulator: Simulator): { contacts: number[]; deals: number[] } {
  const ids = (rows: unknown) =>
    (rows as { id: number; is_deleted: boolean }[])
      .filter((row) => !row.is_deleted)
      .map(({ id }) => id)
      .sort((one, other) => one - other);
  return { contacts: ids(simulator.state.contacts()), deals: ids(simulator.state.deals()) };
}

/** Ids of what the mirror has as living. */
export function mirroredIds({ mirror }: FakePulls): { contacts: number[]; deals: number[] } {
  const ids = (rows: Iterable<{ id: number; isDeleted: boolean }>) =>
    [...rows]
      .filter((row) => !row.isDeleted)
      .map(({ id }) => id)
      .sort((one, other) => one - other);
  return { contacts: ids(mirror.contact.values()), deals: ids(mirror.deal.values()) };
}
