import type { Step } from "#shared/admin/answer.ts";
import type { AccountSwitched } from "#shared/admin/port.ts";
import { SetupRequest, type SetupRequestInput } from "#shared/admin/request.ts";
import { setUp } from "#shared/admin/setup/setup.ts";
import type { Settings } from "#shared/amocrm/settings.ts";
import { createFakeStore, type FakeStore } from "./fake-store.ts";
import { createSimulatedAccount, type SimulatedAccount } from "./simulated-account.ts";

/** An order as a caller writes it, without its action. */
export type Order = Omit<SetupRequestInput, "action">;

export interface PreparedSetup {
  store: FakeStore;
  crm: SimulatedAccount;
  /** What a switch of the account comes to. */
  switched: { answer: AccountSwitched };
  run(order: Order): Promise<{ ok: boolean; steps: Record<string, Omit<Step, "step">>; outcomes: string[] }>;
}

/** The use case over an empty database and a fresh account. */
export function prepareSetup(settings?: Settings): PreparedSetup {
  const store = createFakeStore();
  const crm = createSimulatedAccount(settings);
  const switched: { answer: AccountSwitched } = {
    answer: { ok: true, accountId: 7, isOther: false, previousId: 7 },
  };
  const ports = {
    store,
    account: crm.account,
    switchAccount: async () => switched.answer,
    clock: { sleep: async () => {} },
  };
  return {
    store,
    switched,
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
