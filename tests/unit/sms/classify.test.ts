import { describe, expect, test } from "vitest";
import { classify, SMS_FAULT_CODES, type SmsOutcome } from "#shared/sms/mobizon/classify.ts";

const answered = (httpStatus: number, body: string): SmsOutcome => ({
  kind: "answered",
  httpStatus,
  body,
  bodyFault: null,
});
const code = (number: number | string, data: unknown = null): SmsOutcome =>
  answered(200, JSON.stringify({ code: number, data, message: "to 77011234567" }));

const verdictOf = (outcome: SmsOutcome): unknown[] => {
  const answer = classify(outcome);
  return "fault" in answer ? [answer.verdict, answer.fault.code] : ["taken", answer.taken];
};

describe("an answer of Mobizon", () => {
  test.each<[SmsOutcome, string, string]>([
    [code(0, { messageId: "1" }), "taken", "done"],
    [code("0", {}), "taken", "done"],
    [code(100, "77"), "taken", "task"],
    [code(1, { recipient: ["77011234567 is no number"] }), "rejected", "sms_refused"],
    [code(12, { text: ["too long"] }), "rejected", "sms_refused"],
    [code(1, { from: ["not registered"] }), "blocked", "sms_sender_refused"],
    [code(2), "rejected", "sms_refused"],
    [code(11), "rejected", "sms_refused"],
    [code(99), "rejected", "sms_refused"],
    [code(4), "blocked", "sms_wrong_address"],
    [code(13, "api.mobizon.ua"), "blocked", "sms_wrong_address"],
    [code(8), "blocked", "sms_unauthorized"],
    [code(9), "blocked", "sms_unauthorized"],
    [code(14), "blocked", "sms_unauthorized"],
    [code(30), "retry", "rate_limited"],
    [answered(429, "slow down"), "retry", "rate_limited"],
    [answered(403, "<html>"), "blocked", "sms_unauthorized"],
    [answered(404, "<html>"), "blocked", "sms_wrong_address"],
    [answered(0, ""), "blocked", "sms_wrong_address"],
    [{ kind: "failed", reason: "connection_failed", phase: "before" }, "retry", "connection_failed"],
  ])("that certainly took or refused it: %j", (outcome, ...expected) => {
    expect(verdictOf(outcome)).toEqual(expected);
  });

  test.each<SmsOutcome>([
    code(3),
    code(10),
    code(15),
    code(98),
    code(999),
    code(4711),
    code(100, { no: "number" }),
    answered(502, "<html>"),
    answered(500, JSON.stringify({ code: 0, data: {} })),
    answered(200, "<html>"),
    answered(400, "Bad Request"),
    { kind: "answered", httpStatus: 200, body: '{"code":0', bodyFault: "connection_lost" },
    { kind: "failed", reason: "connection_lost", phase: "after" },
    { kind: "failed", reason: "timeout", phase: "after" },
  ])("that may have taken it is uncertain: %j", (outcome) => {
    expect(verdictOf(outcome)[0]).toBe("uncertain");
  });

  test("is told without a number and in no word of Mobizon's", () => {
    const answer = classify(code(1, { recipient: ["77011234567 is no number"] }));
    expect(JSON.stringify(answer)).toContain("code 1, recipient");
    expect(JSON.stringify(answer)).not.toContain("7701");
  });

  test("has a code that a person can look up", () => {
    expect(SMS_FAULT_CODES).toContain("sms_refused");
    expect(new Set(SMS_FAULT_CODES).size).toBe(SMS_FAULT_CODES.length);
  });
});
