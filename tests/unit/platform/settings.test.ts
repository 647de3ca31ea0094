import { describe, expect, it } from "vitest";
import { misspeltNames } from "../../../supabase/functions/_shared/platform/misspelling.ts";
import { parseSettings } from "../../../supabase/functions/_shared/platform/settings.ts";

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
    expect(parseSettings({ AMOCRM_ACCESS_TOKEN: "t", ...environment })).toEqual({
      state: "ready",
      access: { baseUrl, accessToken: "t" },
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
    ["AMOCRM_SUBDOMAIN", "https://company.amocrm.ru"],
    ["AMOCRM_ENABLED", "ja"],
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
