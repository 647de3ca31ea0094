import type { World } from "../account/world.ts";
import type { Answer, Incoming } from "../http.ts";
import type { JsonObject } from "../json.ts";
import { isObject } from "../json.ts";
import type { Settings } from "../settings.ts";
import type { Exchange } from "../traffic/tokens.ts";
import { halAnswer, problemText } from "./problem.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** True for the paths that need no access token. */
export function isOauthPath(path: string): boolean {
  return path === "/oauth" || path.startsWith("/oauth2/") || path.startsWith("/oauth/");
}

/** Serves the consent page, the token endpoint and the two look-ups of an account's host. */
export function answerOauth(world: World, incoming: Incoming): Answer {
  const { pathname } = incoming.url;
  if (pathname === "/oauth" || pathname === "/oauth/") return consent(world, incoming);
  if (pathname === "/oauth2/access_token") {
    if (incoming.method !== "POST") return problemText(world.settings, 405, "methodNotAllowed");
    return exchange(world, incoming);
  }
  if (pathname === "/oauth2/account/current/subdomain" || pathname === "/oauth2/account/subdomain") {
    return lookUpHost(world, incoming);
  }
  return problemText(world.settings, 404, "notFound");
}

/** The integration a token request speaks for, as the rate limit counts it. */
export function tokenClientId(incoming: Incoming): string {
  const body = readTokenBody(incoming, { form_encoded: "accept" });
  return typeof body?.["client_id"] === "string" ? body["client_id"] : "unknown";
}

function consent(world: World, incoming: Incoming): Answer {
  const { tokens } = world.settings;
  const asked = incoming.url.searchParams;
  const clientId = asked.get("client_id") ?? "";
  const client = tokens.clients.find((candidate) => candidate.client_id === clientId);
  if (client === undefined) return problemText(world.settings, 404, "notFound");
  const decision = asked.get("decision") ?? { auto: "allow", page: "ask", deny: "deny" }[tokens.consent];
  if (decision === "ask") return consentPage(incoming.url, client.name);

  const back = new URL(client.redirect_uri);
  if (decision === "deny") {
    back.searchParams.set("error", "access_denied");
  } else {
    back.searchParams.set("code", world.tokens.issueCode(clientId));
    const host = world.settings.moved_to ?? incoming.url.host;
    back.searchParams.set("referer", tokens.referer === "url" ? `${incoming.url.protocol}//${host}` : host);
  }
  back.searchParams.set("client_id", clientId);
  back.searchParams.set("state", asked.get("state") ?? "");
  return { status: 302, headers: { location: back.href }, body: "" };
}

function consentPage(url: URL, name: string): Answer {
  const link = (decision: string) => {
    const target = new URL(url);
    target.searchParams.set("decision", decision);
    return `${target.pathname}${target.search}`.replaceAll("&", "&amp;");
  };
  const title = name.replace(/[<>&"]/g, "");
  const body = `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>
<p><a id="allow" href="${link("allow")}">Разрешить</a> <a id="deny" href="${link("deny")}">Отказать</a></p>`;
  return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body };
}

function exchange(world: World, incoming: Incoming): Answer {
  const { tokens } = world.settings;
  const body = readTokenBody(incoming, tokens);
  if (body === undefined) return refusal({ status: 400, hint: "Check the `grant_type` parameter" });
  const client = tokens.clients.find((candidate) => candidate.client_id === body["client_id"]);
  if (client === undefined || client.client_secret !== body["client_secret"]) {
    return refusal({ status: 401, hint: "Client authentication failed" });
  }
  const grant = body["grant_type"];
  const needsUri = grant === "authorization_code" || tokens.redirect_uri_on_refresh === "required";
  const hasWrongUri = body["redirect_uri"] !== undefined && body["redirect_uri"] !== client.redirect_uri;
  if (hasWrongUri || (needsUri && body["redirect_uri"] === undefined)) {
    return refusal({ status: 400, hint: "Check the `redirect_uri` parameter" });
  }
  if (grant === "authorization_code") {
    return exchangeAnswer(world.tokens.exchangeCode(client.client_id, String(body["code"] ?? "")));
  }
  if (grant === "refresh_token") {
    return exchangeAnswer(world.tokens.refresh(client.client_id, String(body["refresh_token"] ?? "")));
  }
  return refusal({ status: 400, hint: "Check the `grant_type` parameter" });
}

function exchangeAnswer(result: Exchange): Answer {
  if (result.kind === "refused") return refusal(result);
  return { status: 200, headers: { ...JSON_TYPE }, body: JSON.stringify(result.pair) };
}

/** The token endpoint's own error shape (amocrm-api 1.5): a hint, and no RFC 6749 `error`. */
function refusal(fault: { status: 400 | 401; hint: string }): Answer {
  const body = {
    hint: fault.hint,
    title: fault.status === 401 ? "Unauthorized" : "Bad Request",
    type: "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
    status: fault.status,
    detail: "simulated: the token request was refused",
  };
  return {
    status: fault.status,
    headers: { "content-type": "application/problem+json" },
    body: JSON.stringify(body),
  };
}

function readTokenBody(
  incoming: Incoming,
  tokens: Pick<Settings["tokens"], "form_encoded">,
): JsonObject | undefined {
  const isForm = (incoming.header("content-type") ?? "").includes("application/x-www-form-urlencoded");
  if (isForm) {
    return tokens.form_encoded === "accept"
      ? Object.fromEntries(new URLSearchParams(incoming.body))
      : undefined;
  }
  try {
    const body: unknown = JSON.parse(incoming.body);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Tells where an account lives now, for a refresh token or (the old way) an access token. */
function lookUpHost(world: World, incoming: Incoming): Answer {
  const refreshToken = incoming.header("x-refresh-token");
  const accessToken = bearerToken(incoming);
  const isKnown =
    (refreshToken !== null && world.tokens.refreshOwner(refreshToken) !== undefined) ||
    (accessToken !== undefined && world.tokens.bearer(accessToken) !== undefined);
  if (!isKnown) return problemText(world.settings, 401, "unauthorized");
  const { id, subdomain } = world.store.seed.account;
  const host = world.settings.moved_to ?? incoming.url.host;
  const labels = host.split(".");
  return halAnswer({
    id,
    subdomain: world.settings.moved_to === null ? subdomain : (labels[0] ?? subdomain),
    domain: host,
    top_level_domain: labels.at(-1)?.split(":")[0] ?? "",
  });
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(incoming: Incoming): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(incoming.header("authorization") ?? "")?.[1];
}
