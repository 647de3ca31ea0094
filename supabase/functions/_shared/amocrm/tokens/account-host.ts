/** Where accounts live. What all share, such as the consent page, is on `www` of the same domain (amocrm-api.md 1.1). */
const DOMAINS = ["amocrm.ru", "amocrm.com", "kommo.com"] as const;

/** One label before the domain, as accounts have it; `www` is the shared host, which serves no account. */
const ACCOUNT = /^(?!www\.)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(amocrm\.ru|amocrm\.com|kommo\.com)$/;
const LOOPBACK = /^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/;
/** A bare host, or a URL whose path does not matter. Nothing else may stand around the host: no user, port, query. */
const NAMED = /^(?:(https?):\/\/([^/]*)(?:\/.*)?|([^/]*))$/;

/**
 * Where requests for the account go that a redirect or a look-up names, as a bare host or as a URL; null for any other host.
 * The name decides where a secret is sent, so it is compared as it came: nothing is decoded, trimmed or resolved first.
 * `baseUrl`, if AMOCRM_BASE_URL is set, is allowed too, and other ports of this machine if that is one. As long as it is
 * no account's own address it stands for a proxy, through which everything goes.
 */
export function accountOriginOf(name: string, baseUrl: string | null): string | null {
  const [, scheme, hostOfUrl, bareHost] = NAMED.exec(name.toLowerCase()) ?? [];
  const host = hostOfUrl ?? bareHost ?? "";
  const base = baseUrl === null ? null : new URL(baseUrl);
  if (ACCOUNT.test(host)) {
    if (scheme === "http") return null;
    return base === null || ACCOUNT.test(base.host) ? `https://${host}` : base.origin;
  }
  if (base === null || (scheme !== undefined && `${scheme}:` !== base.protocol)) return null;
  if (host === base.host) return base.origin;
  const isNeighbour = LOOPBACK.test(base.host) && LOOPBACK.test(host);
  return isNeighbour && URL.canParse(`${base.protocol}//${host}`) ? `${base.protocol}//${host}` : null;
}

/** Whether an origin is that of an account, and not of a proxy or a simulator. */
export function isAccountOrigin(origin: string): boolean {
  return ACCOUNT.test(new URL(origin).host);
}

/**
 * Where requests go for an account that was last found at `origin`: AMOCRM_BASE_URL wins, unless both are on this machine,
 * because the account of a simulator may move as a real one does.
 */
export function originInForce(baseUrl: string | null, origin: string): string {
  const isLocal = (url: string) => LOOPBACK.test(new URL(url).host);
  return baseUrl === null || (isLocal(baseUrl) && isLocal(origin)) ? origin : baseUrl;
}

/** The shared host of an account's domain; a stand-in serves both itself. */
export function sharedOriginOf(origin: string): string {
  const { hostname } = new URL(origin);
  const domain = DOMAINS.find((known) => hostname === known || hostname.endsWith(`.${known}`));
  return domain === undefined ? origin : `https://www.${domain}`;
}

/** The consent page for an integration. */
export function consentUrl(origin: string, clientId: string, state: string): string {
  const query = new URLSearchParams({ client_id: clientId, state, mode: "popup" });
  return `${sharedOriginOf(origin)}/oauth?${query}`;
}
