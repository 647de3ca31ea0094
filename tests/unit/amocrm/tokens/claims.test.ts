import { describe, expect, it } from "vitest";
import { claimsOf } from "#shared/amocrm/tokens/claims.ts";

const jwt = (payload: unknown): string =>
  ["{}", JSON.stringify(payload), "sign"].map((part) => Buffer.from(part).toString("base64url")).join(".");

describe("claimsOf", () => {
  it("reads the end and the account of a token", () => {
    // Chosen so that its base64url has both characters that plain base64 lacks.
    const token = jwt({ exp: 1_900_000_000, account_id: 55, name: "ÿ?>ÿ~~" });
    expect(token).toMatch(/[-_]/);
    expect(claimsOf(token)).toEqual({ expiresAt: "2030-03-17T17:46:40.000Z", accountId: 55 });
  });

  it.each([
    ["no JWT", "abcdef"],
    ["two parts that are no JSON", "abc.def"],
    ["no claims", jwt({})],
    ["an end that is no number", jwt({ exp: "tomorrow" })],
    ["an end beyond all dates", jwt({ exp: 1e15 })],
    ["an end before all tokens", jwt({ exp: -1 })],
    ["claims that are no object", jwt(7)],
  ])("says nothing of %s, and does not object", (_case, token) => {
    expect(claimsOf(token)).toEqual({ expiresAt: null, accountId: null });
  });
});
