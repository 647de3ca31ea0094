import { Resend } from "resend";
import { describe, expect, it } from "vitest";
import { sign } from "#dev/resend-simulator/events.ts";
import { secretBytes, signedCall, verifySignature } from "#shared/mail/resend/signature.ts";

const SECRET = `whsec_${Buffer.from("a secret of twenty-four b").toString("base64")}`;
const NOW_MS = Date.now();
const TIMESTAMP = String(Math.floor(NOW_MS / 1000));
const BODY = '{"type":"email.sent","name":"Әсел"}';

function headersOf(
  values: { id?: string; timestamp?: string; signature?: string },
  prefix = "svix",
): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(values)) headers.set(`${prefix}-${name}`, value);
  return headers;
}
const signature = (id = "msg_1", timestamp = TIMESTAMP, body = BODY) =>
  `v1,${sign(SECRET, `${id}.${timestamp}.${body}`)}`;
const verify = (headers: Headers, body = BODY, nowMs = NOW_MS) => {
  const secret = secretBytes(SECRET);
  if (secret === null) throw new Error("the secret is not understood");
  return verifySignature(signedCall(headers, body), secret, nowMs);
};
const VALID = { id: "msg_1", timestamp: TIMESTAMP, signature: signature() };

describe("verifySignature", () => {
  it.each(["svix", "webhook"])("accepts a call that was signed, under the prefix %s", async (prefix) => {
    expect(await verify(headersOf(VALID, prefix))).toBe("valid");
  });

  it("agrees with Resend's own package about what is valid and what is not", async () => {
    const { webhooks } = new Resend("re_x");
    const theirs = (headers: { id: string; timestamp: string; signature: string }, payload: string) => {
      try {
        webhooks.verify({ payload, headers, webhookSecret: SECRET });
        return true;
      } catch {
        return false;
      }
    };
    for (const [headers, body] of [
      [VALID, BODY],
      [VALID, `${BODY} `],
      [{ ...VALID, id: "msg_2" }, BODY],
      [{ ...VALID, signature: signature("msg_2") }, BODY],
      [{ ...VALID, signature: `v1,AAAA ${signature()}` }, BODY],
      [{ ...VALID, signature: signature().replace("v1,", "v2,") }, BODY],
    ] as const) {
      expect((await verify(headersOf(headers), body)) === "valid").toBe(theirs(headers, body));
    }
  });

  it("accepts one of two signatures, as while a secret is replaced", async () => {
    const both = `v1,${Buffer.alloc(32).toString("base64")} ${signature()}`;
    expect(await verify(headersOf({ ...VALID, signature: both }))).toBe("valid");
  });

  it.each([
    ["without an id", { timestamp: TIMESTAMP, signature: "v1,x" }, "unsigned"],
    ["without a signature", { id: "msg_1", timestamp: TIMESTAMP }, "unsigned"],
    ["with a timestamp that is no number", { ...VALID, timestamp: "soon" }, "unsigned"],
    ["with a signature that is no base64", { ...VALID, signature: "v1,***" }, "forged"],
    ["with a signature cut short", { ...VALID, signature: signature().slice(0, -4) }, "forged"],
    ["with an empty signature", { ...VALID, signature: "v1," }, "forged"],
    [
      "with so many signatures that one may be guessed",
      { ...VALID, signature: `${"v1,AAAA ".repeat(10)}${signature()}` },
      "forged",
    ],
  ])("refuses a call %s", async (_case, headers, expected) => {
    expect(await verify(headersOf(headers))).toBe(expected);
  });

  it.each([
    [5 * 60_000, "valid"],
    [5 * 60_000 + 1000, "stale"],
    [-5 * 60_000 - 1000, "stale"],
  ])("judges a call that is %i ms old as %s", async (ageMs, expected) => {
    const nowMs = Number(TIMESTAMP) * 1000 + ageMs;
    expect(await verify(headersOf(VALID), BODY, nowMs)).toBe(expected);
  });
});

describe("secretBytes", () => {
  it.each(["", "whsec_", "whsec_***", "whsec_c2hvcnQ="])("takes %j for no secret", (secret) => {
    expect(secretBytes(secret)).toBeNull();
  });
});
