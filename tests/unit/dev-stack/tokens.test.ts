import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { drawKeys } from "#dev/stack/gateway/keys.ts";
import { Tokens } from "#dev/stack/gateway/tokens.ts";

const NOW = 1_800_000_000;
const tokens = new Tokens("a secret of this test");
const claims = { role: "authenticated", sub: "u1", exp: NOW + 60 };

describe("Tokens.check", () => {
  it("returns the claims of its own HS256 and ES256 tokens", () => {
    expect(tokens.check(tokens.hs256(claims), NOW)).toEqual(claims);
    expect(tokens.check(tokens.es256(claims), NOW)).toEqual(claims);
  });

  it("takes a token without a role for anon's", () => {
    expect(tokens.check(tokens.hs256({ sub: "u1" }), NOW)).toEqual({ role: "anon", sub: "u1" });
  });

  it("refuses a token of another stack", () => {
    const other = new Tokens("another secret");
    expect(tokens.check(other.hs256(claims), NOW)).toBe("signature");
    expect(tokens.check(other.es256(claims), NOW)).toBe("signature");
  });

  it("refuses a token whose claims were changed after signing", () => {
    const [head, , signature] = tokens.es256(claims).split(".");
    const forged = Buffer.from(JSON.stringify({ ...claims, role: "service_role" })).toString("base64url");
    expect(tokens.check(`${head}.${forged}.${signature}`, NOW)).toBe("signature");
  });

  it("refuses the algorithm none", () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    expect(tokens.check(`${part({ alg: "none" })}.${part(claims)}.AA`, NOW)).toBe("signature");
  });

  it("refuses a token after its expiry, with 30 s for clocks that differ", () => {
    const token = tokens.hs256(claims);
    expect(tokens.check(token, NOW + 60 + 30)).toEqual(claims);
    expect(tokens.check(token, NOW + 60 + 31)).toBe("expired");
  });

  it.each(["", "garbage", "a.b", "a.b.c", "a.b.c.d", "sb_secret_x"])("calls %j malformed", (text) => {
    expect(tokens.check(text, NOW)).toBe("malformed");
  });
});

describe("Tokens.jwks", () => {
  it("publishes the key that verifies the users' tokens, and no private part", () => {
    const [jwk] = tokens.jwks().keys;
    expect(jwk).not.toHaveProperty("d");
    const [head, payload, signature = ""] = tokens.es256(claims).split(".");
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    const isValid = verify(
      "sha256",
      Buffer.from(`${head}.${payload}`),
      { key, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    expect(isValid).toBe(true);
  });
});

describe("drawKeys", () => {
  it("draws other keys for each stack, all different", () => {
    const all = [drawKeys(NOW), drawKeys(NOW)].flatMap(({ keys }) => Object.values(keys));
    expect(new Set(all).size).toBe(10);
  });

  it("makes the old-style keys tokens of their roles", () => {
    const { keys, tokens: own } = drawKeys(NOW);
    expect(own.check(keys.anon, NOW)).toMatchObject({ role: "anon" });
    expect(own.check(keys.serviceRole, NOW)).toMatchObject({ role: "service_role" });
  });
});
