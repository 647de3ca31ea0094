import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { type ClassicFlow, createClassicFlow } from "./classic-flow.ts";

/** The classic flow on an account of its own, with a virtual clock: a request takes the pace and nothing else. */
export interface ClassicAccount {
  flow: ClassicFlow;
  simulator: Simulator;
  /** How long the requests so far took at the pace. */
  elapsedMs(): number;
}

export function openClassicAccount(contactCount: number, paceMs: number, seed = 1): ClassicAccount {
  const startMs = Date.parse("2026-11-20T09:00:00Z");
  let nowMs = startMs;
  const simulator = createSimulator({
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    population: { contacts: contactCount, deals: Math.floor(contactCount / 4) },
    seed,
  });
  const flow = createClassicFlow(
    {
      async send(method, path, body) {
        nowMs += paceMs;
        const response = await simulator.fetch(`https://sim.amocrm.ru${path}`, {
          method,
          headers: { Authorization: `Bearer ${simulator.accessToken}`, "Content-Type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
      },
    },
    { pipelineId: SEED_IDS.sales.pipeline, statusId: SEED_IDS.sales.fresh },
  );
  return { flow, simulator, elapsedMs: () => nowMs - startMs };
}
