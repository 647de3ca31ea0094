import { describe, expect, it } from "vitest";
import { DEFAULT_CLIENT } from "#dev/amocrm-simulator/settings.ts";
import type { Account } from "./support/account.ts";
import { ORIGIN, openAccount } from "./support/account.ts";

const { client_id, client_secret, redirect_uri } = DEFAULT_CLIENT;
const HOUR_MS = 3_600_000;

function ask(account: Account, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const body = JSON.stringify({ client_id, client_secret, redirect_uri, ...fields });
  return account.send("POST", "/oauth2/access_token", { body, headers: { authorization: "", ...headers } });
}

const byCode = (account: Account, code: string) => ask(account, { grant_type: "authorization_code", code });
const byRefresh = (account: Account, refresh_token: string) =>
  ask(account, { grant_type: "refresh_token", refresh_token });
const use = (account: Account, token: string) =>
  account.send("GET", "/api/v4/account", { headers: { authorization: `Bearer ${token}` } });

describe("an authorisation code", () => {
  it("comes by the consent page with state, referer and client_id, and buys a working pair", async () => {
    const account = openAccount();
    const consent = await account.send("GET", `/oauth?client_id=${client_id}&state=s%201&mode=popup`);
    expect(consent.status).toBe(302);
    const back = new URL(consent.headers.get("location") ?? "");
    expect(back.href.startsWith(redirect_uri)).toBe(true);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      state: "s 1",
      referer: "sim.amocrm.ru",
      client_id,
    });
    const pair = await byCode(account, back.searchParams.get("code") ?? "");
    expect(pair.json).toMatchObject({ token_type: "Bearer" });
    expect(pair.json.expires_in).toBeLessThanOrEqual(86_400);
    expect(pair.json.expires_in).toBeGreaterThan(85_800);
    expect((await use(account, pair.json.access_token)).status).toBe(200);
  });

  it("is spent by its first use, and dead after 20 minutes", async () => {
    const account = openAccount();
    const code = account.sim.control.issueCode();
    expect((await byCode(account, code)).status).toBe(200);
    expect((await byCode(account, code)).json).toMatchObject({
      status: 400,
      hint: "Authorization code has been revoked",
    });
    const late = account.sim.control.issueCode();
    await account.clock.advance(20 * 60_000);
    expect((await byCode(account, late)).json.hint).toBe("Authorization code has expired");
    expect((await byCode(account, "nonsense")).json.hint).toBe("Cannot decrypt the authorization code");
  });

  it("is not given when the user refuses", async () => {
    const account = openAccount({ tokens: { consent: "deny" } });
    const reply = await account.send("GET", `/oauth?client_id=${client_id}&state=x`);
    const back = new URL(reply.headers.get("location") ?? "");
    expect(back.searchParams.get("error")).toBe("access_denied");
    expect(back.searchParams.get("code")).toBeNull();
  });

  it("waits for a click on the page when set so", async () => {
    const account = openAccount({ tokens: { consent: "page", referer: "url" } });
    const page = await account.send("GET", `/oauth?client_id=${client_id}&state=x`);
    expect(page.status).toBe(200);
    const link = /id="allow" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const back = new URL((await account.send("GET", link)).headers.get("location") ?? "");
    expect(back.searchParams.get("referer")).toBe(ORIGIN);
  });
});

describe("a token request", () => {
  it.each<[string, Record<string, string>, number]>([
    ["a wrong secret", { client_secret: "no" }, 401],
    ["an unknown client", { client_id: "no" }, 401],
    ["another redirect_uri", { redirect_uri: `${redirect_uri}/` }, 400],
    ["an unknown grant", { grant_type: "password" }, 400],
    ["a malformed refresh token", { grant_type: "refresh_token", refresh_token: "no" }, 400],
  ])("is refused with %s, in the token endpoint's own shape", async (_name, fields, status) => {
    const account = openAccount();
    const code = account.sim.control.issueCode();
    const reply = await ask(account, { grant_type: "authorization_code", code, ...fields });
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({
      status,
      type: "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
    });
    expect(reply.json).not.toHaveProperty("error");
  });

  it.each([
    ["required", 400],
    ["optional", 200],
  ] as const)("to refresh without redirect_uri: it is %s as set", async (redirect_uri_on_refresh, status) => {
    const account = openAccount({ tokens: { redirect_uri_on_refresh } });
    const { refresh_token } = account.sim.control.issuePair();
    const body = JSON.stringify({ client_id, client_secret, grant_type: "refresh_token", refresh_token });
    expect((await account.send("POST", "/oauth2/access_token", { body })).status).toBe(status);
  });

  it.each([
    ["accept", 200],
    ["refuse", 400],
  ] as const)("in form encoding: %s as set", async (form_encoded, status) => {
    const account = openAccount({ tokens: { form_encoded } });
    const { refresh_token } = account.sim.control.issuePair();
    const body = new URLSearchParams({ ...DEFAULT_CLIENT, grant_type: "refresh_token", refresh_token });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect(
      (await account.send("POST", "/oauth2/access_token", { body: body.toString(), headers })).status,
    ).toBe(status);
  });
});

describe("rotation", () => {
  it("in strict mode kills the old refresh token at once", async () => {
    const account = openAccount();
    const first = account.sim.control.issuePair();
    const second = await byRefresh(account, first.refresh_token);
    expect(second.json.refresh_token).not.toBe(first.refresh_token);
    const again = await byRefresh(account, first.refresh_token);
    expect(again.json).toMatchObject({ status: 401, hint: "Token has been revoked" });
    expect((await byRefresh(account, second.json.refresh_token)).status).toBe(200);
  });

  it("in strict mode gives exactly one of many concurrent refreshes a pair", async () => {
    const account = openAccount({ duration: { base_ms: 100, jitter_ms: 50 } });
    const { refresh_token } = account.sim.control.issuePair();
    const replies = Promise.all(Array.from({ length: 20 }, () => byRefresh(account, refresh_token)));
    await account.clock.advance(1000);
    const statuses = (await replies).map((reply) => reply.status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
  });

  it("in grace mode repeats with the old token until the new pair is used", async () => {
    const account = openAccount({ tokens: { refresh_mode: "grace" } });
    const first = account.sim.control.issuePair();
    const lost = await byRefresh(account, first.refresh_token);
    const second = await byRefresh(account, first.refresh_token);
    expect(second.status).toBe(200);
    expect((await use(account, lost.json.access_token)).status).toBe(401);
    expect((await use(account, second.json.access_token)).status).toBe(200);
    expect((await byRefresh(account, first.refresh_token)).status).toBe(401);
  });

  it.each([
    ["access", 401],
    ["refresh", 200],
  ] as const)(
    "in grace mode that ends on %s: after use of the new access token the old one gets %i",
    async (grace_ends_on, status) => {
      const account = openAccount({ tokens: { refresh_mode: "grace", grace_ends_on } });
      const first = account.sim.control.issuePair();
      const second = await byRefresh(account, first.refresh_token);
      await use(account, second.json.access_token);
      expect((await byRefresh(account, first.refresh_token)).status).toBe(status);
    },
  );

  it.each([
    [false, 200],
    [true, 401],
  ])(
    "keeps the old access token alive unless set otherwise (%s)",
    async (refresh_kills_old_access, status) => {
      const account = openAccount({ tokens: { refresh_kills_old_access } });
      const first = account.sim.control.issuePair();
      await byRefresh(account, first.refresh_token);
      expect((await use(account, first.access_token)).status).toBe(status);
    },
  );
});

describe("the life of tokens", () => {
  it("ends for access after a day and for refresh after three months", async () => {
    const account = openAccount();
    const pair = account.sim.control.issuePair();
    await account.clock.advance(25 * HOUR_MS);
    expect((await use(account, pair.access_token)).status).toBe(401);
    const second = await byRefresh(account, pair.refresh_token);
    expect(second.status).toBe(200);
    await account.clock.advance(91 * 24 * HOUR_MS);
    expect((await byRefresh(account, second.json.refresh_token)).status).toBe(401);
  });

  it("of a long-lived token is written in it, and revoking ends it", async () => {
    const account = openAccount();
    const claims = JSON.parse(
      atob(account.sim.accessToken.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? ""),
    );
    expect(claims).toMatchObject({ account_id: 5_550_001, sub: "7001", aud: client_id });
    expect(claims.exp).toBeGreaterThan(account.clock.now() / 1000 + 86_400);
    account.sim.control.revokeTokens(account.sim.accessToken);
    expect((await account.get("/api/v4/account")).status).toBe(401);
  });

  it("is set for tokens named in the settings", async () => {
    const expires_at = Date.UTC(2026, 0, 15, 10) / 1000;
    const account = openAccount({
      tokens: { access_tokens: ["plain", { token: "short", expires_at, user_id: 7002 }] },
    });
    expect(account.sim.accessToken).toBe("plain");
    expect((await use(account, "plain")).json.current_user_id).toBe(7001);
    expect((await use(account, "short")).json.current_user_id).toBe(7002);
    await account.clock.advance(HOUR_MS);
    expect((await use(account, "short")).status).toBe(401);
  });
});

describe("a moved account", () => {
  it("answers on its old host as set, and tells the new one", async () => {
    const account = openAccount({ moved_to: "new.amocrm.ru", moved_status: 404 });
    const { refresh_token } = account.sim.control.issuePair();
    expect((await account.get("/api/v4/account")).status).toBe(404);
    expect((await byRefresh(account, refresh_token)).status).toBe(404);
    const headers = { authorization: "", "x-refresh-token": refresh_token };
    const found = await account.send("GET", "/oauth2/account/current/subdomain", { headers });
    expect(found.json).toMatchObject({
      id: 5_550_001,
      subdomain: "new",
      domain: "new.amocrm.ru",
      top_level_domain: "ru",
    });
    const response = await account.sim.fetch("https://new.amocrm.ru/api/v4/account", {
      headers: { authorization: `Bearer ${account.sim.accessToken}` },
    });
    expect(response.status).toBe(200);
  });
});
