import { startServer } from "./amocrm-simulator/server.ts";
import { DEFAULT_CLIENT } from "./amocrm-simulator/settings.ts";

export interface SimulatedAmocrm {
  url: string;
  /** The functions' variables for this account. */
  functionEnv: Record<string, string>;
  close(): Promise<unknown>;
}

/** An amoCRM account for `npm run dev`, with a long-lived token of it, or with an integration that is to be connected. */
export async function startSimulatedAmocrm(
  oauth: { functionsUrl: string } | undefined,
): Promise<SimulatedAmocrm> {
  if (oauth === undefined) {
    const server = await startServer({});
    const functionEnv = { AMOCRM_BASE_URL: server.url, AMOCRM_ACCESS_TOKEN: server.accessToken };
    return { url: server.url, functionEnv, close: () => server.close() };
  }
  const client = { ...DEFAULT_CLIENT, redirect_uri: `${oauth.functionsUrl}/amocrm-oauth/callback` };
  const server = await startServer({ settings: { tokens: { clients: [client], consent: "page" } } });
  const functionEnv = {
    AMOCRM_BASE_URL: server.url,
    AMOCRM_CLIENT_ID: client.client_id,
    AMOCRM_CLIENT_SECRET: client.client_secret,
    AMOCRM_REDIRECT_URI: client.redirect_uri,
  };
  return { url: server.url, functionEnv, close: () => server.close() };
}
