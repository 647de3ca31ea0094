import type { Connections, Consents, Integration } from "../../amocrm/oauth.ts";
import type { Secrets } from "../../platform/secrets.ts";
import type { ConnectAnswer, ConnectionAnswer } from "../answer.ts";
import type { ConnectionRequest, ConnectRequest } from "../request.ts";

/** What connecting needs. */
export interface ConnectingPorts {
  integration: Integration;
  /** AMOCRM_REDIRECT_URI; null if it is not set. */
  redirectUri: string | null;
  /** Where people reach amocrm-oauth. */
  oauthUrl: string;
  consents: Pick<Consents, "makeLink" | "link">;
  connections: Pick<Connections, "known">;
  secrets: Secrets;
}

const CALLBACK_PATH = "/callback";

/** Makes a link with which somebody connects amoCRM in a browser, or says what has to be set first. */
export async function makeConnectLink(
  { switch: allowsSwitch }: ConnectRequest,
  { integration, redirectUri, oauthUrl, consents, secrets }: ConnectingPorts,
): Promise<ConnectAnswer> {
  if (integration.state !== "ready") return { outcome: "refused", ...obstacleOf(integration) };
  const expected = `${oauthUrl}${CALLBACK_PATH}`;
  const callback = redirectUri?.endsWith(`/amocrm-oauth${CALLBACK_PATH}`) ? redirectUri : expected;
  const link = secrets.make();
  const { id, expiresAt } = await consents.makeLink(await secrets.hash(link), allowsSwitch);
  return {
    outcome: "ready",
    url: `${callback.slice(0, -"callback".length)}start?link=${link}`,
    link_id: id,
    expires_at: expiresAt,
    redirect_uri: redirectUri ?? expected,
    warnings:
      redirectUri === expected
        ? []
        : [
            `AMOCRM_REDIRECT_URI is ${redirectUri}, this project's own address is ${expected}: right only if both lead here. It must be the integration's redirect URI, to the letter`,
          ],
  };
}

/** Who is connected, and what became of a link. */
export async function readConnection(
  { link_id: linkId }: ConnectionRequest,
  { consents, connections }: Pick<ConnectingPorts, "consents" | "connections">,
): Promise<ConnectionAnswer> {
  const [known, link] = await Promise.all([
    connections.known(),
    linkId === null ? null : consents.link(linkId),
  ]);
  return {
    account:
      known === null
        ? null
        : {
            state: known.state,
            access: known.access,
            host: new URL(known.host).host,
            account_id: known.accountId,
            subdomain: known.subdomain,
            access_expires_at: known.accessExpiresAt,
            refresh_expires_at: known.refreshExpiresAt,
            connected_at: known.connectedAt,
          },
    link:
      link === null
        ? null
        : { state: link.state, expires_at: link.expiresAt, last_outcome: link.lastOutcome },
  };
}

function obstacleOf(integration: Exclude<Integration, { state: "ready" }>): {
  code: string;
  message: string;
  remedy: string;
} {
  switch (integration.state) {
    case "long_lived_token":
      return {
        code: "long_lived_token",
        message:
          "AMOCRM_ACCESS_TOKEN is set: requests go with that long-lived token, and there is nothing to connect",
        remedy: "To connect by OAuth instead, remove it: supabase secrets unset AMOCRM_ACCESS_TOKEN",
      };
    case "disabled":
      return {
        code: "disabled",
        message: "AMOCRM_ENABLED is false",
        remedy: "supabase secrets set AMOCRM_ENABLED=true",
      };
    case "unconfigured":
      return {
        code: "unconfigured",
        message: integration.message,
        remedy: "supabase secrets set, with the values of the integration in amoCRM (keys and scopes)",
      };
  }
}
