import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseQticketsSettings } from "#shared/loyalty/settings.ts";
import { parseTimepadSettings, sellersOf } from "#shared/loyalty/timepad-settings.ts";
import { classify, type UnisenderOutcome } from "#shared/loyalty/unisender/classify.ts";
import { md5 } from "#shared/loyalty/unisender/md5.ts";
import { parseUnisenderSettings } from "#shared/loyalty/unisender-settings.ts";

test("MD5 is what everybody else calls so, around the length of a block", () => {
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length) % 256);
    expect(md5(bytes)).toBe(createHash("md5").update(bytes).digest("hex"));
  }
});

describe("an answer of Unisender", () => {
  const answered = (httpStatus: number, body: string): UnisenderOutcome => ({
    kind: "answered",
    httpStatus,
    body,
    bodyFault: null,
  });
  const failure = (code: string): UnisenderOutcome =>
    answered(200, JSON.stringify({ error: "about ada@example.com", code }));
  test.each<[UnisenderOutcome, creating: string, repeatable: string, code: string]>([
    [failure("invalid_api_key"), "blocked", "blocked", "unisender_unauthorized"],
    [failure("access_denied"), "blocked", "blocked", "unisender_unauthorized"],
    [failure("unknown_method"), "blocked", "blocked", "unisender_wrong_address"],
    [failure("not_enough_money"), "blocked", "blocked", "unisender_no_money"],
    [failure("invalid_arg"), "rejected", "rejected", "unisender_refused"],
    [failure("api_call_limit_exceeded_for_ip"), "retry", "retry", "rate_limited"],
    [failure("retry_later"), "uncertain", "retry", "server_error"],
    // Perhaps the rule of one hour, perhaps half of a campaign.
    [failure("unspecified"), "uncertain", "retry", "server_error"],
    [answered(502, "<html>"), "uncertain", "retry", "server_error"],
    [answered(200, "<html>"), "uncertain", "retry", "unexpected_answer"],
    [answered(301, ""), "blocked", "blocked", "unisender_wrong_address"],
    [{ kind: "failed", reason: "timeout", phase: "after" }, "uncertain", "retry", "timeout"],
    [{ kind: "failed", reason: "connection_failed", phase: "before" }, "retry", "retry", "connection_failed"],
    [{ kind: "not_sent", code: "paused", message: "why" }, "retry", "retry", "slot_refused"],
  ])("%j is judged", (outcome, creating, repeatable, code) => {
    for (const [isRepeatable, verdict] of [
      [false, creating],
      [true, repeatable],
    ] as const) {
      const answer = classify(outcome, isRepeatable);
      expect("fault" in answer ? [answer.verdict, answer.fault.code] : []).toEqual([verdict, code]);
      expect(JSON.stringify(answer)).not.toContain("ada@example.com");
    }
  });
});

test.each([
  ["School <hello@school.example>", { name: "School", email: "hello@school.example" }],
  ['"School, evening" <hello@school.example>', { name: "School, evening", email: "hello@school.example" }],
  // Unisender takes no address for a name.
  ["hello@school.example", { name: "school.example", email: "hello@school.example" }],
])("the sender %s is read", (MAIL_FROM, sender) => {
  expect(parseUnisenderSettings({ UNISENDER_API_KEY: "key", MAIL_FROM })).toEqual({
    state: "ready",
    access: { apiKey: "key", baseUrl: "https://api.unisender.com", sender },
  });
});

test("what is missing for Unisender is named", () => {
  expect(parseUnisenderSettings({ UNISENDER_KEY: "key", MAIL_FROM: "School" })).toMatchObject({
    state: "unconfigured",
    missing: ["MAIL_FROM", "UNISENDER_API_KEY"],
  });
});

test("one seller of tickets is enough, and a token that is no token is named", () => {
  const read = (variables: Record<string, string>) =>
    sellersOf(parseQticketsSettings(variables), parseTimepadSettings(variables));
  expect(read({ TIMEPAD_TOKEN: "token" })).toMatchObject({ state: "ready", access: { qtickets: null } });
  expect(read({ QTICKETS_TOKEN: "token" })).toMatchObject({ state: "ready", access: { timepad: null } });
  expect(read({})).toMatchObject({ state: "unconfigured", missing: ["QTICKETS_TOKEN"] });
  expect(read({ QTICKETS_TOKEN: "token", TIMEPAD_TOKEN: "with space" })).toMatchObject({
    state: "unconfigured",
    missing: ["TIMEPAD_TOKEN"],
  });
});
