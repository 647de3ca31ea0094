import { describe, expect, it } from "vitest";
import { missingForOAuth, parseSettings } from "#shared/amocrm/settings.ts";
import { misspeltNames } from "#shared/platform/misspelling.ts";

const REDIRECT_URI = "https://ref.supabase.co/functions/v1/amocrm-oauth/callback";
const INTEGRATION = {
  AMOCRM_CLIENT_ID: "id",
  AMOCRM_CLIENT_SECRET: "secret",
  AMOCRM_REDIRECT_URI: REDIRECT_URI,
};
const COMPLETE = { AMOCRM_SUBDOMAIN: "company", AMOCRM_ACCESS_TOKEN: "t" };

describe("parseSettings", () => {
  it.each([
    ["a bare subdomain", { AMOCRM_SUBDOMAIN: "company" }, "https://company.amocrm.ru"],
    ["a whole host", { AMOCRM_SUBDOMAIN: "company.kommo.com" }, "https://company.kommo.com"],
    ["spaces and capitals", { AMOCRM_SUBDOMAIN: " Company " }, "https://company.amocrm.ru"],
    [
      "a base URL, which wins",
      { AMOCRM_SUBDOMAIN: "x", AMOCRM_BASE_URL: "http://127.0.0.1:99/" },
      "http://127.0.0.1:99",
    ],
  ])("finds the account by %s", (_case, environment, baseUrl) => {
    expect(parseSettings({ AMOCRM_ACCESS_TOKEN: "t", ...environment })).toMatchObject({
      state: "ready",
      access: { baseUrl, accessToken: "t", isBaseUrlFixed: "AMOCRM_BASE_URL" in environment },
    });
  });

  it.each(["false", "0", "no", "off"])(
    "is disabled by AMOCRM_ENABLED=%s, whatever else is missing",
    (value) => {
      expect(parseSettings({ AMOCRM_ENABLED: value })).toEqual({ state: "disabled" });
    },
  );

  it("names everything that is missing at once", () => {
    expect(parseSettings({})).toMatchObject({
      state: "unconfigured",
      missing: ["AMOCRM_ACCESS_TOKEN", "AMOCRM_SUBDOMAIN"],
    });
  });

  it.each([
    ["AMOCRM_BASE_URL", "company.amocrm.ru"],
    ["AMOCRM_BASE_URL", "http://company.amocrm.ru"],
    ["AMOCRM_SUBDOMAIN", "https://company.amocrm.ru"],
    ["AMOCRM_ENABLED", "ja"],
    ["AMOCRM_REDIRECT_URI", "amocrm-oauth/callback"],
  ])("names a malformed %s and never falls back to a default", (name, value) => {
    expect(parseSettings({ ...COMPLETE, [name]: value })).toMatchObject({
      state: "unconfigured",
      missing: [name],
    });
  });

  it("takes an empty variable as not set", () => {
    expect(parseSettings({ ...COMPLETE, AMOCRM_ACCESS_TOKEN: "  " })).toMatchObject({
      missing: ["AMOCRM_ACCESS_TOKEN"],
    });
  });

  it("takes an integration instead of a long-lived token, and then needs no address: the connection tells it", () => {
    expect(parseSettings(INTEGRATION)).toEqual({
      state: "ready",
      access: {
        baseUrl: null,
        isBaseUrlFixed: false,
        accessToken: null,
        oauth: { clientId: "id", clientSecret: "secret", redirectUri: REDIRECT_URI },
        refreshToken: null,
        session: null,
      },
    });
  });

  it.each(["AMOCRM_CLIENT_ID", "AMOCRM_CLIENT_SECRET", "AMOCRM_REDIRECT_URI"])(
    "names %s alone if the rest of the integration is there",
    (name) => {
      expect(parseSettings({ ...INTEGRATION, [name]: "" })).toMatchObject({
        state: "unconfigured",
        missing: [name],
        message: `${name} is not set`,
      });
    },
  );

  it("knows an integration by a misspelt variable alone", () => {
    expect(parseSettings({ AMOCRM_CLIENT_IDD: "id" })).toMatchObject({
      missing: ["AMOCRM_CLIENT_ID", "AMOCRM_CLIENT_SECRET", "AMOCRM_REDIRECT_URI"],
      message: expect.stringContaining("AMOCRM_CLIENT_ID is not set (AMOCRM_CLIENT_IDD is set: misspelt?)"),
    });
  });

  it("takes a misspelt long-lived token for what was meant, if the integration beside it is not complete", () => {
    expect(
      parseSettings({ AMOCRM_SUBDOMAIN: "company", AMOCRM_ACESS_TOKEN: "t", AMOCRM_CLIENT_SECRET: "s" }),
    ).toMatchObject({ missing: ["AMOCRM_ACCESS_TOKEN"] });
    expect(parseSettings({ ...INTEGRATION, AMOCRM_ACESS_TOKEN: "t" })).toMatchObject({ state: "ready" });
  });

  it("needs the address to take over a connection, whose token does not tell it", () => {
    expect(parseSettings({ ...INTEGRATION, AMOCRM_REFRESH_TOKEN: "def" })).toMatchObject({
      missing: ["AMOCRM_SUBDOMAIN"],
    });
  });

  it("asks nothing of an integration while a long-lived token is set", () => {
    expect(parseSettings({ ...COMPLETE, AMOCRM_CLIENT_ID: "id" })).toMatchObject({
      state: "ready",
      access: { oauth: null },
    });
    expect(missingForOAuth({ ...COMPLETE, AMOCRM_CLIENT_ID: "id" }).missing).toEqual([
      "AMOCRM_CLIENT_SECRET",
      "AMOCRM_REDIRECT_URI",
    ]);
  });

  it("names the look-alike of a missing variable, and never its value", () => {
    const settings = parseSettings({ AMOCRM_SUBDOMAIN: "company", AMOCRM_ACESS_TOKEN: "very-secret" });
    expect(settings).toMatchObject({
      message: "AMOCRM_ACCESS_TOKEN is not set (AMOCRM_ACESS_TOKEN is set: misspelt?)",
    });
    expect(JSON.stringify(settings)).not.toContain("very-secret");
  });
});

describe("misspeltNames", () => {
  it.each([
    ["a letter left out", "AMOCRM_SUBDOMIN"],
    ["two letters swapped", "AMOCRM_SUBDOAMIN"],
    ["a hyphen for the underscore", "AMOCRM-SUBDOMAIN"],
    ["small letters", "amocrm_subdomain"],
  ])("finds %s", (_case, found) => {
    expect(misspeltNames([found], ["AMOCRM_SUBDOMAIN"])).toEqual(new Map([["AMOCRM_SUBDOMAIN", found]]));
  });

  it("takes no other known name for a misspelling, and nothing for one that is set", () => {
    expect(misspeltNames(["AMOCRM_CLIENT_ID"], ["AMOCRM_CLIENT_ID", "AMOCRM_BASE_URL"])).toEqual(new Map());
  });
});

describe("a session service", () => {
  const SERVICE = { AMOCRM_PLAYWRIGHT_URL: "https://amo.company.kz/", AMOCRM_PLAYWRIGHT_SECRET: "s" };

  it("is used where there is neither a token nor an integration, and needs nothing beside", () => {
    expect(parseSettings(SERVICE)).toMatchObject({
      state: "ready",
      access: { session: { url: "https://amo.company.kz", secret: "s" }, accessToken: null, oauth: null },
    });
    expect(parseSettings({ ...SERVICE, ...COMPLETE })).toMatchObject({ access: { session: null } });
    expect(parseSettings({ ...SERVICE, ...INTEGRATION })).toMatchObject({ access: { session: null } });
  });

  it("is looked for on this machine if nobody says where it is", () => {
    expect(parseSettings({ AMOCRM_PLAYWRIGHT_SECRET: "s" })).toMatchObject({
      access: { session: { url: "http://localhost:3002" } },
    });
  });

  it("is named by what it lacks", () => {
    expect(parseSettings({ AMOCRM_PLAYWRIGHT_URL: "https://amo.company.kz" })).toMatchObject({
      state: "unconfigured",
      missing: ["AMOCRM_PLAYWRIGHT_SECRET"],
    });
  });

  it.each([
    ["http://amo.company.kz", false],
    ["http://10.0.0.5:3002", false],
    ["amo.company.kz", false],
    ["http://127.0.0.1:3002", true],
    ["http://localhost:3002", true],
  ])("is reached by https, or within this machine: %s", (AMOCRM_PLAYWRIGHT_URL, isGood) => {
    const { state } = parseSettings({ ...SERVICE, AMOCRM_PLAYWRIGHT_URL });
    expect(state).toBe(isGood ? "ready" : "unconfigured");
  });
});
