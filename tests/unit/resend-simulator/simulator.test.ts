import { Resend } from "resend";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ResendServer, startResend } from "#dev/resend-simulator/server.ts";
import { createResendSimulator } from "#dev/resend-simulator/simulator.ts";

const MAIL = { from: "School <hello@school.example>", to: ["asel@example.kz"], subject: "Hi", text: "Hello" };

describe("Resend's own package", () => {
  let server: ResendServer;
  let resend: Resend;
  beforeAll(async () => {
    server = await startResend({ rateLimit: null });
    resend = new Resend(server.simulator.apiKey, { baseUrl: server.url });
  });
  afterAll(() => server.close());

  it("sends a mail here, once for each key", async () => {
    const first = await resend.emails.send(MAIL, { idempotencyKey: "k1" });
    const again = await resend.emails.send(MAIL, { idempotencyKey: "k1" });
    expect(first.data?.id).toBeTruthy();
    expect(again.data?.id).toBe(first.data?.id);
    expect(server.simulator.mails()).toHaveLength(1);
  });

  it("is told what is wrong in Resend's words", async () => {
    await resend.emails.send(MAIL, { idempotencyKey: "k2" });
    const other = await resend.emails.send({ ...MAIL, subject: "Other" }, { idempotencyKey: "k2" });
    expect(other.error).toMatchObject({ statusCode: 409, name: "invalid_idempotent_request" });
    const domain = await resend.emails.send({ ...MAIL, from: "a@other.example" }, { idempotencyKey: "k3" });
    expect(domain.error).toMatchObject({ statusCode: 403, name: "validation_error" });
    const letters = await resend.emails.send({ ...MAIL, to: ["asel@почта.рф"] }, { idempotencyKey: "k5" });
    expect(letters.error).toMatchObject({ statusCode: 422, name: "validation_error" });
    const address = await resend.emails.send({ ...MAIL, to: ["nobody"] }, { idempotencyKey: "k4" });
    expect(address.error).toMatchObject({ statusCode: 422, name: "validation_error" });
  });

  it("finds the webhook's calls signed as it expects", async () => {
    const [mail] = server.simulator.mails();
    if (mail === undefined) throw new Error("there is no mail");
    const { headers, body } = server.simulator.event(mail, "email.delivered");
    const verified = resend.webhooks.verify({
      payload: body,
      headers: {
        id: headers["svix-id"] ?? "",
        timestamp: headers["svix-timestamp"] ?? "",
        signature: headers["svix-signature"] ?? "",
      },
      webhookSecret: server.simulator.webhookSecret,
    });
    expect(verified).toMatchObject({ type: "email.delivered", data: { email_id: mail.id } });
  });
});

describe("the simulated Resend", () => {
  let nowMs = 0;
  const open = (options = {}) => createResendSimulator({ nowMs: () => nowMs, apiKey: "re_1", ...options });
  const request = (key: string | null, body: object = MAIL, apiKey: string | null = "re_1") => ({
    apiKey,
    key,
    body: JSON.stringify(body),
  });
  beforeEach(() => {
    nowMs = 1_000_000;
  });

  it("forgets a key after 24 hours, and then sends again", () => {
    const simulator = open();
    simulator.send(request("k"));
    nowMs += 24 * 3_600_000 - 1;
    simulator.send(request("k"));
    expect(simulator.mails()).toHaveLength(1);
    nowMs += 1000;
    simulator.send(request("k"));
    expect(simulator.mails()).toHaveLength(2);
  });

  it("binds a key to its body even if the request was refused", () => {
    const simulator = open({ rateLimit: null });
    simulator.fail({ kind: "answer", status: 500, name: "application_error" });
    expect(simulator.send(request("k"))).toMatchObject({ status: 500 });
    expect(simulator.send(request("k", { ...MAIL, subject: "Other" }))).toMatchObject({ status: 409 });
    expect(simulator.send(request("k"))).toMatchObject({ status: 200 });
  });

  it("takes two requests at once and no third", () => {
    const simulator = open();
    const statuses = ["a", "b", "c"].map((key) => simulator.send(request(key)));
    expect(statuses).toMatchObject([
      { status: 200 },
      { status: 200 },
      { status: 429, headers: { "retry-after": "1" } },
    ]);
    nowMs += 900;
    expect(simulator.send(request("d"))).toMatchObject({ status: 200 });
  });

  it.each([
    [{ apiKey: null }, 401],
    [{ apiKey: "re_2" }, 403],
    [{ key: null }, 400],
    [{ key: "x".repeat(257) }, 400],
    [{ body: "not json" }, 422],
    [{ body: JSON.stringify({ ...MAIL, subjet: "typo" }) }, 422],
  ])("refuses %j with %i", (change, status) => {
    expect(open().send({ ...request("k"), ...change })).toMatchObject({ status });
  });

  it("may take a mail and break the connection, or be silent", () => {
    const simulator = open({ rateLimit: null });
    simulator.fail({ kind: "reset", isTaken: true }, { kind: "reset", isTaken: false }, { kind: "silence" });
    expect(["a", "b", "c"].map((key) => simulator.send(request(key)).kind)).toEqual([
      "reset",
      "reset",
      "silence",
    ]);
    expect(simulator.mails().map(({ key }) => key)).toEqual(["a", "c"]);
  });

  it.each([
    ["School, Almaty <hello@school.example>", 422],
    ['"School, Almaty" <hello@school.example>', 200],
    ["School <hello@school>", 422],
  ])("reads the sender %s as the strictest service does: %i", (from, status) => {
    const simulator = createResendSimulator();
    const body = JSON.stringify({ ...MAIL, from });
    expect(simulator.send({ apiKey: simulator.apiKey, key: "k", body })).toMatchObject({ status });
  });
});
