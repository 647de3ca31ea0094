import { createHash } from "node:crypto";
import { defaultAccount } from "#dev/amocrm-simulator/account/account-seed.ts";
import { DEFAULT_CLIENT, UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import type { Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { askAccount } from "#shared/amocrm/api/account-connection.ts";
import { createRequestLog } from "#shared/amocrm/api/request-log-store.ts";
import { parseSettings } from "#shared/amocrm/settings.ts";
import { switchToLongLived } from "#shared/amocrm/tokens/long-lived-tokens.ts";
import type { AccountSwitch, TokenParts } from "#shared/amocrm/tokens/port.ts";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { createTokenEndpoint } from "#shared/amocrm/tokens/token-endpoint.ts";
import { tokensFor } from "#shared/amocrm/tokens/tokens-for.ts";
import { type Account, type AccountOptions, openAccount } from "./account.ts";
import type { TestDatabase } from "./database.ts";

export const BASE_URL = "https://sim.amocrm.ru";
export const PROJECT = "ref.supabase.co";

/** Another company's account behind the same address, as when a variable is changed. */
export const STRANGERS_ID = 7_770_002;

/** What a test changes between two drains, as somebody changes the functions' variables or their project. */
export interface Deployment {
  variables: Record<string, string>;
  project: string;
}

type Format = "jwt" | "opaque";

/** An account that the drain reaches by the real token code, as it is deployed at that moment. */
export function openReal(
  database: TestDatabase,
  deployment: Deployment,
  { id, format = "jwt" }: { id?: number; format?: Format } = {},
): Promise<Account & { switch: () => Promise<AccountSwitch> }> {
  const seed = defaultAccount();
  let parts: TokenParts | null = null;
  const access = () => {
    const settings = parseSettings({ AMOCRM_BASE_URL: BASE_URL, ...deployment.variables });
    if (settings.state !== "ready") throw new Error(JSON.stringify(settings));
    return settings.access;
  };
  const tokens: NonNullable<AccountOptions["tokens"]> = ({ simulator, rpc, clock, slots }) => {
    const http = { baseUrl: BASE_URL, slots, fetch: simulator.fetch, clock };
    const requestLog = createRequestLog(rpc, "amocrm-drain", clock.nowMs, () => {});
    parts = {
      store: createTokenStore(rpc, deployment.project),
      endpointOf: (app) =>
        createTokenEndpoint({ ...http, app, pace: { reportFault: async () => "harmless" } }),
      hosts: { find: async () => null },
      async whose(host, accessToken) {
        const answer = await askAccount({ ...http, requestLog }, host, accessToken);
        return answer.verdict === "delivered"
          ? { ok: true, accountId: answer.value.id }
          : { ok: false, code: answer.fault.code, message: answer.fault.message };
      },
      fingerprint: async (text) => createHash("sha256").update(text).digest("hex"),
      clock,
      log: () => {},
    };
    return tokensFor(access(), parts);
  };
  return openAccount(database, {
    simulator: {
      // Else both accounts would draw the same tokens.
      seed: id ?? 1,
      account: id === undefined ? seed : { ...seed, account: { ...seed.account, id } },
      settings: { ...UNLIMITED_SETTINGS, tokens: { format } },
    },
    tokens,
  }).then((account) => ({
    ...account,
    async switch() {
      if (parts === null) throw new Error("Drain once: the parts are made then");
      const { accessToken } = access();
      const switched = await switchToLongLived(accessToken ?? "", BASE_URL, parts);
      if (!switched.ok) throw new Error(switched.message);
      return { isOther: switched.isOther, previousId: switched.previousId };
    },
  }));
}

/** The variables of a long-lived token. */
export const longLivedOf = ({ accessToken }: Simulator): Record<string, string> => ({
  AMOCRM_ACCESS_TOKEN: accessToken,
});

/** The variables of an integration whose connection was made elsewhere. */
export const importOf = (simulator: Simulator): Record<string, string> => ({
  AMOCRM_CLIENT_ID: DEFAULT_CLIENT.client_id,
  AMOCRM_CLIENT_SECRET: DEFAULT_CLIENT.client_secret,
  AMOCRM_REDIRECT_URI: DEFAULT_CLIENT.redirect_uri,
  AMOCRM_REFRESH_TOKEN: simulator.control.issuePair().refresh_token,
});
