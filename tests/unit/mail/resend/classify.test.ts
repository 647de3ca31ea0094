import { describe, expect, it } from "vitest";
import { classify, type MailOutcome } from "#shared/mail/resend/classify.ts";

const answered = (httpStatus: number, body: unknown, retryAfterMs: number | null = null): MailOutcome => ({
  kind: "answered",
  httpStatus,
  body: typeof body === "string" || body === null ? body : JSON.stringify(body),
  retryAfterMs,
});
const classifyFor = (outcome: MailOutcome, to = ["asel at example"]) => classify(outcome, to);
const refused = (httpStatus: number, name: string) =>
  answered(httpStatus, { name, message: "asel@example.kz" });

describe("classify", () => {
  it("takes an answer with an id for delivered", () => {
    expect(classifyFor(answered(200, { id: "r1" }))).toEqual({ verdict: "delivered", resendId: "r1" });
  });

  it.each<[string, MailOutcome, string, string]>([
    ["a success without an id", answered(200, {}), "uncertain", "unexpected_answer"],
    ["a success that is no JSON", answered(200, "<html>"), "uncertain", "unexpected_answer"],
    ["a success whose body was lost", answered(200, null), "uncertain", "connection_lost"],
    ["a timeout", { kind: "failed", reason: "timeout", isSent: true }, "uncertain", "timeout"],
    [
      "a lost connection",
      { kind: "failed", reason: "connection_lost", isSent: true },
      "uncertain",
      "connection_lost",
    ],
    [
      "no connection",
      { kind: "failed", reason: "connection_failed", isSent: false },
      "retry",
      "connection_failed",
    ],
    ["no slot", { kind: "not_sent", code: "paused", message: "paused" }, "retry", "slot_refused"],
    ["500", refused(500, "application_error"), "uncertain", "server_error"],
    ["502 of a gateway", answered(502, "<html>"), "uncertain", "server_error"],
    ["429 for the rate", refused(429, "rate_limit_exceeded"), "retry", "rate_limited"],
    ["429 for the day", refused(429, "daily_quota_exceeded"), "blocked", "mail_quota_exceeded"],
    ["429 for the month", refused(429, "monthly_quota_exceeded"), "blocked", "mail_quota_exceeded"],
    ["401", refused(401, "missing_api_key"), "blocked", "mail_unauthorized"],
    ["401 for a restricted key", refused(401, "restricted_api_key"), "blocked", "mail_unauthorized"],
    ["403 for the key", refused(403, "invalid_api_key"), "blocked", "mail_unauthorized"],
    ["403 for the domain", refused(403, "validation_error"), "blocked", "mail_forbidden"],
    ["404", refused(404, "not_found"), "blocked", "mail_wrong_address"],
    ["a redirect", answered(301, ""), "blocked", "mail_wrong_address"],
    [
      "409 while the first is at work",
      refused(409, "concurrent_idempotent_requests"),
      "uncertain",
      "mail_in_progress",
    ],
    ["409 for another body", refused(409, "invalid_idempotent_request"), "rejected", "mail_key_taken"],
    ["422", refused(422, "validation_error"), "rejected", "mail_refused"],
    ["400 for the key", refused(400, "invalid_idempotency_key"), "rejected", "mail_refused"],
    ["400 of something between", answered(400, "Bad Request"), "retry", "refusal_unreadable"],
  ])("judges %s", (_case, outcome, verdict, code) => {
    const answer = classifyFor(outcome);
    expect(answer).toMatchObject({ verdict, fault: { code } });
    // Resend's own sentences quote addresses.
    expect(JSON.stringify(answer)).not.toContain("asel@example.kz");
  });

  it("names Resend's word for a refusal, cleaned of whatever else it might hold", () => {
    expect(classifyFor(refused(422, "invalid_parameter"))).toMatchObject({
      fault: { message: expect.stringContaining("[invalid_parameter]") },
    });
    expect(JSON.stringify(classifyFor(refused(422, "Asel@X.kz")))).not.toContain("@");
  });

  it.each([
    ["a sender that Resend cannot read", { name: "invalid_from_address" }, "blocked", "mail_sender_refused"],
    [
      "the field of the sender",
      { name: "validation_error", message: "Invalid `from` field" },
      "blocked",
      "mail_sender_refused",
    ],
    [
      "nothing that the mail has of its own",
      { name: "validation_error" },
      "blocked",
      "mail_refused_unexplained",
    ],
    [
      "the recipient by name",
      { name: "validation_error", message: "Invalid `to` field" },
      "rejected",
      "mail_refused",
    ],
  ])("a 422 to a plainly good address is held against %s", (_what, body, verdict, code) => {
    expect(classifyFor(answered(422, body), ["asel@example.kz"])).toMatchObject({ verdict, fault: { code } });
  });

  it("keeps the wait that Resend names", () => {
    expect(classifyFor(answered(429, { name: "rate_limit_exceeded" }, 3000))).toMatchObject({
      fault: { waitMs: 3000 },
    });
  });
});
