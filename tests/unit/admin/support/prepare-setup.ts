import type { Step } from "../../../../supabase/functions/_shared/admin/answer.ts";
import {
  SetupRequest,
  type SetupRequestInput,
} from "../../../../supabase/functions/_shared/admin/request.ts";
import { setUp } from "../../../../supabase/functions/_shared/admin/setup.ts";
import type { Settings } from "../../../../supabase/functions/_shared/platform/settings.ts";
import { createFakeStore, type FakeStore } from "./fake-store.ts";
import { createSimulatedAccount, type SimulatedAccount } from "./simulated-account.ts";

/** The only key that the project knows as a secret one. */
export const PROJECT_KEY = "sb_secret_of_the_project";

/** An order as a caller writes it, without its action. */
export type Order = Omit<SetupRequestInput, "action">;

export interface PreparedSetup {
  store: FakeStore;
  crm: SimulatedAccount;
  run(order: Order): Promise<{ ok: boolean; steps: Record<string, Omit<Step, "step">>; outcomes: string[] }>;
}

/** The use case over an empty database and a fresh account. */
export function prepareSetup(settings?: Settings): PreparedSetup {
  const store = createFakeStore();
  const crm = createSimulatedAccount(settings);
  const ports = { store, account: crm.account, isSecretKey: async (key: string) => key === PROJECT_KEY };
  return {
    store,
    crm,
    async run(order) {
      const { ok, steps } = await setUp(SetupRequest.parse({ action: "setup", ...order }), ports);
      return {
        ok,
        steps: Object.fromEntries(steps.map(({ step, ...rest }) => [step, rest])),
        outcomes: steps.map(({ step, outcome }) => `${step}: ${outcome}`),
      };
    },
  };
}
