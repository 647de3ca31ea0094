import { describe, expect, it } from "vitest";
import { DEFAULT_CLIENT } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator } from "#dev/amocrm-simulator/simulator.ts";
import { createTokenEndpoint } from "#shared/amocrm/tokens/token-endpoint.ts";
import { systemClock } from "#shared/platform/clock.ts";
import { BASE_URL } from "../support/transport.ts";

const APP = {
  clientId: DEFAULT_CLIENT.client_id,
  clientSecret: DEFAULT_CLIENT.client_secret,
  redirectUri: DEFAULT_CLIENT.redirect_uri,
};

/** The endpoint over the simulator, which wants JSON and every field, as amoCRM does. */
function endpointOn(app = APP) {
  const simulator = createSimulator({ settings: { tokens: { form_encoded: "refuse" } } });
  const purposes: string[] = [];
  const reported: (string | number | null)[][] = [];
  const endpoint = createTokenEndpoint({
    app,
    baseUrl: null,
    slots: {
      take: async (purpose) => {
        purposes.push(purpose);
        return { granted: true, waitedMs: 0 };
      },
    },
    pace: {
      reportFault: async ({ code, toldWaitMs }) => {
        reported.push([code, toldWaitMs]);
        return "stop";
      },
    },
    fetch: simulator.fetch,
    clock: systemClock,
  });
  return { simulator, endpoint, purposes, reported };
}

/** The endpoint with an answer of our own. */
function endpointAnswering(response: () => Response | Promise<Response>) {
  return createTokenEndpoint({
    app: APP,
    baseUrl: null,
    slots: { take: async () => ({ granted: true, waitedMs: 0 }) },
    pace: { reportFault: async () => "harmless" },
    fetch: async () => response(),
    clock: systemClock,
  });
}

describe("the token endpoint", () => {
  it("exchanges a code and refreshes the pair, each in a slot that pause and breaker let through", async () => {
    const { simulator, endpoint, purposes } = endpointOn();
    const first = await endpoint.exchange(BASE_URL, simulator.control.issueCode());
    if (first.verdict !== "issued") throw new Error(first.code);
    const second = await endpoint.refresh(BASE_URL, first.pair.refreshToken);
    if (second.verdict !== "issued") throw new Error(second.code);
    expect(second.pair.accessToken).not.toBe(first.pair.accessToken);
    expect(second.pair.expiresInSeconds).toBeGreaterThan(80_000);
    expect(purposes).toEqual(["token", "token"]);
  });

  it("says that a spent refresh token is over, and that nothing but connecting helps", async () => {
    const { simulator, endpoint } = endpointOn();
    const { refresh_token: spent } = simulator.control.issuePair();
    await endpoint.refresh(BASE_URL, spent);
    expect(await endpoint.refresh(BASE_URL, spent)).toEqual({
      verdict: "refused",
      code: "token_revoked",
      message: expect.stringContaining("npm run amocrm -- connect"),
    });
    expect(await endpoint.refresh(BASE_URL, "malformed")).toMatchObject({
      verdict: "refused",
      code: "token_invalid",
    });
  });

  it.each([
    ["a wrong secret", { clientSecret: "wrong" }],
    ["an unknown integration", { clientId: "unknown" }],
    ["another redirect URI", { redirectUri: "https://other.example/callback" }],
  ])("does not hold %s against the token: the settings are named", async (_case, change) => {
    const { simulator, endpoint } = endpointOn({ ...APP, ...change });
    const { refresh_token: token } = simulator.control.issuePair();
    expect(await endpoint.refresh(BASE_URL, token)).toMatchObject({
      verdict: "hindered",
      code: "client_refused",
      message: expect.stringContaining("AMOCRM_CLIENT_SECRET"),
    });
  });

  it("slows the whole account after a 429, as long as told", async () => {
    const { simulator, endpoint, reported } = endpointOn();
    simulator.control.addFaults({ kind: "rate_limit", body: "json", retry_after_s: 7 });
    expect(await endpoint.refresh(BASE_URL, "any")).toMatchObject({
      verdict: "hindered",
      code: "rate_limited",
      waitMs: 7000,
    });
    expect(reported).toEqual([["rate_limited", 7000]]);
  });

  it.each([
    ["a lost answer", { kind: "lost_answer" }, "lost"],
    ["a 502", { kind: "status", status: 502 }, "lost"],
    ["a body cut off", { kind: "cut_body" }, "lost"],
    ["a block", { kind: "block" }, "hindered"],
    ["an unpaid account", { kind: "unpaid" }, "hindered"],
    // Without a hint it is not the token endpoint that answers: the account has moved, or the integration is off.
    ["a 401 without a hint", { kind: "unauthorized" }, "hindered"],
    ["a 404", { kind: "status", status: 404 }, "hindered"],
  ] as const)("does not take %s for the end of the token", async (_case, fault, verdict) => {
    const { simulator, endpoint } = endpointOn();
    const { refresh_token: token } = simulator.control.issuePair();
    simulator.control.addFaults({ ...fault, times: 1 });
    expect(await endpoint.refresh(BASE_URL, token)).toMatchObject({ verdict });
  });

  it.each([
    ["no JSON", "<html>"],
    ["no refresh token", JSON.stringify({ access_token: "secret-a", expires_in: 86_400 })],
  ])("takes a success with %s for a lost answer, and quotes nothing of it", async (_case, body) => {
    const answer = await endpointAnswering(() => new Response(body)).refresh(BASE_URL, "secret-old");
    expect(answer).toMatchObject({ verdict: "lost", code: "unexpected_answer" });
    expect(JSON.stringify(answer)).not.toContain("secret");
  });

  it.each([
    [undefined, 3600],
    [null, 3600],
    ["soon", 3600],
    [-5, 3600],
    [[], 3600],
    ["86400", 86_400],
    [86_400.7, 86_400],
    [1e300, 315_360_000],
  ])("loses no pair for a lifetime of %j: it is renewed by %i s", async (expires_in, seconds) => {
    const body = JSON.stringify({ access_token: "a", refresh_token: "r", expires_in });
    const answer = await endpointAnswering(() => new Response(body)).refresh(BASE_URL, "old");
    expect(answer).toMatchObject({ verdict: "issued", pair: { expiresInSeconds: seconds } });
  });

  it("is not asked at all when the pace gives no slot", async () => {
    const endpoint = createTokenEndpoint({
      app: APP,
      baseUrl: null,
      slots: {
        take: async () => ({ granted: false, code: "wait_too_long", message: "later", waitMs: 60_000 }),
      },
      pace: { reportFault: async () => "harmless" },
      fetch: () => Promise.reject(new Error("a request was sent")),
      clock: systemClock,
    });
    expect(await endpoint.refresh(BASE_URL, "any")).toEqual({
      verdict: "hindered",
      code: "wait_too_long",
      message: "later",
      waitMs: 60_000,
    });
  });
});
