import { describe, expect, it } from "vitest";
import { isKnownKey, isOpenPath, splitPath, tokenFor } from "#dev/stack/gateway/key-rules.ts";

const keys = {
  publishable: "sb_publishable_p",
  secret: "sb_secret_s",
  cron: "sb_secret_c",
  anon: "a.n.on",
  serviceRole: "ser.vi.ce",
};

describe("splitPath", () => {
  it.each([
    ["/rest/v1/leads", { service: "rest", path: "/leads" }],
    ["/rest/v1", { service: "rest", path: "/" }],
    ["/auth/v1/token", { service: "auth", path: "/token" }],
    ["/functions/v1/amocrm-drain/x", { service: "functions", path: "/amocrm-drain/x" }],
    ["/storage/v1/x", undefined],
    ["/rest/v1x", undefined],
    ["/", undefined],
  ])("sends %s to its service", (pathname, target) => {
    expect(splitPath(pathname)).toEqual(target);
  });
});

describe("tokenFor", () => {
  it.each([
    ["the publishable key stands for anon", null, keys.publishable, keys.anon],
    ["the secret key stands for service_role", null, keys.secret, keys.serviceRole],
    ["the named key amocrm_cron stands for service_role", null, keys.cron, keys.serviceRole],
    [
      "a key repeated as bearer counts as no token",
      `Bearer ${keys.publishable}`,
      keys.publishable,
      keys.anon,
    ],
    ["a user's own token wins over the key", "Bearer u.s.er", keys.publishable, "u.s.er"],
    ["an old-style key is a token itself", null, keys.anon, keys.anon],
    ["an unknown key is passed on for the function to judge", null, "other", "other"],
    ["nothing given is no token", null, null, undefined],
  ])("%s", (_, authorization, apikey, token) => {
    expect(tokenFor(authorization, apikey, keys)).toBe(token);
  });
});

describe("isKnownKey", () => {
  it("knows the five keys of the stack and no other", () => {
    expect(Object.values(keys).every((key) => isKnownKey(key, keys))).toBe(true);
    expect(isKnownKey("sb_secret_x", keys)).toBe(false);
  });
});

describe("isOpenPath", () => {
  it("opens only the auth service's health and public keys", () => {
    expect(isOpenPath("auth", "/.well-known/jwks.json")).toBe(true);
    expect(isOpenPath("auth", "/health")).toBe(true);
    expect(isOpenPath("auth", "/admin/users")).toBe(false);
    expect(isOpenPath("rest", "/health")).toBe(false);
  });
});
