import type { Secrets } from "../../platform/secrets.ts";
import { accountOriginOf } from "../tokens/account-host.ts";
import { claimsOf } from "../tokens/claims.ts";
import type { TokenEndpoint, TokenVerdict } from "../tokens/port.ts";
import type { ReadyIntegration } from "./integration.ts";
import { type ConnectedFacts, type Refusal, refused, refusedOtherAccount } from "./pages.ts";
import type { AccountIdentity, Connections, Consents, Identify } from "./port.ts";

/** What amoCRM sends back after the consent, checked for its form only. */
export interface CallbackQuery {
  code: string | null;
  state: string | null;
  referer: string | null;
  clientId: string | null;
  isDenied: boolean;
}

/** What a callback needs. */
export interface CallbackPorts {
  integration: ReadyIntegration;
  consents: Consents;
  connections: Connections;
  endpoint: Pick<TokenEndpoint, "exchange">;
  identify: Identify;
  secrets: Secrets;
}

export type CallbackResult = { ok: true; facts: ConnectedFacts } | Refusal;

/**
 * Takes a consent. Everything that can be refused without asking anybody comes first, so that a forged or garbled call
 * costs one look-up at most; the state is used up before the code is spent, so that of two such calls one exchanges.
 */
export async function takeConsent(query: CallbackQuery, ports: CallbackPorts): Promise<CallbackResult> {
  const { integration, consents, secrets } = ports;
  if (query.isDenied) return refused("denied");
  const { code, state, referer } = query;
  if (state === null) return refused("state_unknown");
  if (query.clientId !== null && query.clientId !== integration.clientId) return refused("wrong_integration");
  if (code === null || referer === null) return refused("malformed");
  const origin = accountOriginOf(referer, integration.baseUrl);
  if (origin === null) return refused("wrong_referer");
  const stateHash = await secrets.hash(state);
  const use = await consents.useState(stateHash);
  if (use.outcome !== "granted") return refused(`state_${use.outcome}`);
  try {
    const result = await connect(origin, code, use.allowsSwitch, ports);
    await consents.end(stateHash, result.ok ? "connected" : result.code);
    return result;
  } catch (error) {
    // Whoever waits for the link should hear of it; what broke is told by the error itself.
    await consents.end(stateHash, "failed").catch(() => undefined);
    throw error;
  }
}

async function connect(
  origin: string,
  code: string,
  allowsSwitch: boolean,
  { endpoint, identify, connections, integration }: CallbackPorts,
): Promise<CallbackResult> {
  const known = await connections.known();
  // Where nobody knows the account's id, its address has to do: that of the settings, or that of a connection taken over.
  const expectedOrigin =
    known === null ? integration.configuredOrigin : known.accountId === null ? known.host : null;
  const expected = allowsSwitch ? null : expectedOrigin;
  if (expected !== null && expected !== origin) return refused("other_address");

  const exchanged = await endpoint.exchange(origin, code);
  if (exchanged.verdict !== "issued") {
    return { ...refused(refusalOf(exchanged)), causeCode: exchanged.code };
  }
  const { pair } = exchanged;
  // The token names its account, so that the pair can be stored before it is used for the first time. One that does not
  // (amoCRM promises no form) is asked about first.
  const namedId = claimsOf(pair.accessToken).accountId;
  let identity: AccountIdentity | null = null;
  if (namedId === null) identity = await identify(origin, pair.accessToken);
  const id = namedId ?? identity?.id ?? null;
  if (id === null) return refused("amocrm_unavailable");

  const knownId = known?.accountId ?? null;
  const isSwitched = knownId === null ? known !== null && known.host !== origin : knownId !== id;
  if (knownId !== null && isSwitched && !allowsSwitch) return refusedOtherAccount(knownId, id);
  if (isSwitched) await connections.leave();
  const subdomain = identity?.subdomain ?? new URL(origin).hostname.split(".")[0] ?? "";
  const expiresAt = await connections.connect(pair, origin, { id, subdomain });
  identity ??= await identify(origin, pair.accessToken);
  if (identity?.id === id) await connections.note(identity);
  return {
    ok: true,
    facts: {
      host: new URL(origin).host,
      accountId: id,
      accountName: identity?.name ?? null,
      expiresAt,
      isSwitched,
    },
  };
}

/** What a person can do about it; the log has the code itself. */
function refusalOf(verdict: Exclude<TokenVerdict, { verdict: "issued" }>) {
  if (verdict.verdict === "refused") return "code_refused";
  if (verdict.verdict === "lost") return "amocrm_unavailable";
  switch (verdict.code) {
    case "client_refused":
    case "wrong_host":
      return "integration_refused";
    case "account_blocked":
      return "account_blocked";
    case "unpaid":
      return "unpaid";
    case "connection_failed":
    case "timeout":
      return "amocrm_unavailable";
    default:
      return "busy";
  }
}
