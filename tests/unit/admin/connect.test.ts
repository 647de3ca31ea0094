import { beforeEach, describe, expect, it } from "vitest";
import { makeConnectLink, readConnection } from "#shared/admin/connect/connect.ts";
import { integrationOf } from "#shared/amocrm/oauth/integration.ts";
import { missingForOAuth, parseSettings } from "#shared/amocrm/settings.ts";

const PROJECT = "https://p.supabase.co";
const CALLBACK = `${PROJECT}/functions/v1/amocrm-oauth/callback`;
let variables: Record<string, string>;
let made: unknown[];

beforeEach(() => {
  made = [];
  variables = {
    AMOCRM_SUBDOMAIN: "company",
    AMOCRM_CLIENT_ID: "id",
    AMOCRM_CLIENT_SECRET: "client-secret",
    AMOCRM_REDIRECT_URI: CALLBACK,
  };
});

const makeLink = (allowsSwitch = false) =>
  makeConnectLink(
    { action: "connect", switch: allowsSwitch },
    {
      integration: integrationOf(parseSettings(variables), missingForOAuth(variables)),
      redirectUri: variables["AMOCRM_REDIRECT_URI"] ?? null,
      oauthUrl: `${PROJECT}/functions/v1/amocrm-oauth`,
      secrets: { make: () => "secret", hash: async (secret) => `hash of ${secret}` },
      consents: {
        async makeLink(...args) {
          made.push(args);
          return { id: 7, expiresAt: "2031-05-05T12:30:00Z" };
        },
        link: async () => null,
      },
      connections: { known: async () => null },
    },
  );

describe("a link to connect", () => {
  it("is made of a secret of which only the hash is stored", async () => {
    expect(await makeLink()).toEqual({
      outcome: "ready",
      url: `${PROJECT}/functions/v1/amocrm-oauth/start?link=secret`,
      link_id: 7,
      expires_at: "2031-05-05T12:30:00Z",
      redirect_uri: CALLBACK,
      warnings: [],
    });
    await makeLink(true);
    expect(made).toEqual([
      ["hash of secret", false],
      ["hash of secret", true],
    ]);
  });

  it("follows a redirect URI on a domain of one's own, with a warning", async () => {
    variables["AMOCRM_REDIRECT_URI"] = "https://api.school.example/functions/v1/amocrm-oauth/callback";
    expect(await makeLink()).toMatchObject({
      url: "https://api.school.example/functions/v1/amocrm-oauth/start?link=secret",
      warnings: [expect.stringContaining(CALLBACK)],
    });
  });

  it("leads to the project itself when the redirect URI cannot be ours", async () => {
    variables["AMOCRM_REDIRECT_URI"] = "https://school.example/oauth";
    expect(await makeLink()).toMatchObject({
      url: `${PROJECT}/functions/v1/amocrm-oauth/start?link=secret`,
      warnings: [expect.stringContaining("https://school.example/oauth")],
    });
  });

  it.each([
    [
      "a long-lived token is set",
      { AMOCRM_ACCESS_TOKEN: "token" },
      "long_lived_token",
      "AMOCRM_ACCESS_TOKEN",
    ],
    ["the functions are switched off", { AMOCRM_ENABLED: "false" }, "disabled", "AMOCRM_ENABLED"],
    [
      "the secret is missing",
      { AMOCRM_CLIENT_SECRET: "" },
      "unconfigured",
      "AMOCRM_CLIENT_SECRET is not set",
    ],
    [
      "nothing of an integration is there",
      { AMOCRM_CLIENT_ID: "", AMOCRM_CLIENT_SECRET: "", AMOCRM_REDIRECT_URI: "" },
      "unconfigured",
      "AMOCRM_CLIENT_ID is not set; AMOCRM_CLIENT_SECRET is not set; AMOCRM_REDIRECT_URI is not set",
    ],
    [
      "the redirect URI is no URL",
      { AMOCRM_REDIRECT_URI: "callback" },
      "unconfigured",
      "AMOCRM_REDIRECT_URI",
    ],
  ])("is refused when %s, by name", async (_, change, code, words) => {
    Object.assign(variables, change);
    const answer = await makeLink();
    expect(answer).toMatchObject({ outcome: "refused", code, message: expect.stringContaining(words) });
    expect(made).toEqual([]);
  });
});

it("the connection is told without its tokens, with the bare host", async () => {
  const known = {
    state: "connected",
    access: "oauth",
    host: "https://company.amocrm.ru",
    accountId: 5550001,
    subdomain: "company",
    accessExpiresAt: null,
    refreshExpiresAt: "2031-08-05T12:00:00Z",
    connectedAt: "2031-05-05T12:00:00Z",
  } as const;
  const link = { state: "used", expiresAt: "2031-05-05T12:30:00Z", lastOutcome: "connected" } as const;
  const ports = {
    consents: { makeLink: async () => ({ id: 7, expiresAt: "" }), link: async () => link },
    connections: { known: async () => known },
  };
  expect(await readConnection({ action: "connection", link_id: 7 }, ports)).toMatchObject({
    account: { host: "company.amocrm.ru", account_id: 5550001 },
    link: { state: "used", last_outcome: "connected" },
  });
  expect((await readConnection({ action: "connection", link_id: null }, ports)).link).toBeNull();
});
