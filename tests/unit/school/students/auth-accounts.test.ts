import { createClient } from "@supabase/supabase-js";
import { describe, expect, it } from "vitest";
import { createAccounts } from "#shared/school/students/account-store.ts";

const never = { nowMs: () => 0, sleep: () => new Promise<void>(() => {}) };

/** Accounts over an Auth that answers this. */
function accounts(answer: () => Promise<Response>, clock = never) {
  const client = createClient("http://127.0.0.1:1", "sb_secret_x", {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: answer },
  });
  return createAccounts(client, clock);
}

const says = (status: number, body: object) => async () => Response.json(body, { status });

describe("an account", () => {
  it.each([
    ["is created", says(200, { id: "u1", email: "a@example.com" }), { state: "created", userId: "u1" }],
    ["exists", says(422, { error_code: "email_exists", msg: "exists" }), { state: "exists" }],
    ["met another creation", says(500, { error_code: "unexpected_failure", msg: "x" }), { state: "unclear" }],
    ["got a gateway's page", async () => new Response("<html>", { status: 502 }), { state: "unclear" }],
    [
      "was asked for too often",
      says(429, { error_code: "over_request_rate_limit", msg: "x" }),
      { state: "unclear" },
    ],
    ["got no answer", () => Promise.reject(new TypeError("fetch failed")), { state: "unclear" }],
    [
      "is refused",
      says(400, { error_code: "validation_failed", msg: "x" }),
      { state: "refused", code: "validation_failed" },
    ],
  ])("%s", async (_, answer, outcome) => {
    expect(await accounts(answer).create("a@example.com")).toEqual(outcome);
  });

  it("is unclear when Auth hangs", async () => {
    const impatient = { nowMs: () => 0, sleep: async () => {} };
    expect(await accounts(() => new Promise(() => {}), impatient).create("a@example.com")).toEqual({
      state: "unclear",
    });
  });

  it("throws, by status and code, when the key is wrong: that is nobody's expected outcome", async () => {
    await expect(
      accounts(says(403, { error_code: "not_admin", msg: "x" })).create("a@example.com"),
    ).rejects.toThrow("Cannot create an account: Supabase Auth answered 403 not_admin");
  });
});
