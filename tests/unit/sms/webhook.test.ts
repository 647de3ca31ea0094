import { describe, expect, test } from "vitest";
import { createMobizonSimulator } from "#dev/mobizon-simulator/simulator.ts";
import { answerSmsWebhook } from "#shared/sms/webhook.ts";

const SECRET = "a secret of the panel";

function desk(secret: string | undefined = SECRET) {
  const simulator = createMobizonSimulator({ webhookSecret: SECRET });
  const url = `/service/message/sendSmsMessage?output=json&api=v1&apiKey=${simulator.apiKey}`;
  simulator.call({ url, body: "recipient=77011234567&text=a" });
  const [sms] = simulator.sms();
  if (sms === undefined) throw new Error("The simulator took no SMS");
  const hints: [string, string][] = [];
  const log: string[] = [];
  const post = async (body: string, method = "POST"): Promise<[number, unknown]> => {
    const request = new Request(
      "https://project.example/sms-webhook",
      method === "POST" ? { method, body } : { method },
    );
    const answer = await answerSmsWebhook(request, {
      secret,
      hints: {
        async record(eventId, mobizonId) {
          hints.push([eventId, mobizonId]);
          return "recorded";
        },
      },
      log: (level, event, facts) => void log.push(JSON.stringify({ level, event, ...facts })),
    });
    return [answer.status, await answer.json()];
  };
  return { simulator, sms, hints, log, post };
}

describe("the webhook of SMS", () => {
  test("takes a signed report for a hint at its message, and nothing else of it", async () => {
    const { simulator, sms, hints, log, post } = desk();
    expect(await post(simulator.event(sms, { eventId: 26 }))).toEqual([200, { outcome: "recorded" }]);
    expect(hints).toEqual([["26", sms.id]]);
    expect(log.join()).not.toContain("7701");
  });

  test("refuses a wrong sign, none, another attempt's and a body that is no JSON", async () => {
    const { simulator, sms, hints, post } = desk();
    const signed = simulator.event(sms);
    const { sign: _, ...unsigned } = JSON.parse(signed);
    for (const body of [
      simulator.event(sms, { secret: "another" }),
      JSON.stringify(unsigned),
      JSON.stringify({ ...unsigned, sign: "" }),
      signed.replace('"attempt":1', '"attempt":2'),
      "sign=1",
      "",
    ])
      expect(await post(body)).toEqual([401, { code: "not_signed" }]);
    expect(hints).toEqual([]);
  });

  test("is closed without a secret, since then nothing is signed", async () => {
    for (const secret of [undefined, "", "  "]) {
      const { simulator, sms, hints, post } = desk(secret ?? "");
      expect(await post(simulator.event(sms, { secret: "" }))).toEqual([503, { code: "unconfigured" }]);
      expect(hints).toEqual([]);
    }
  });

  test("ignores events of other kinds, and refuses what is no report, GET and more than 64 KiB", async () => {
    const { simulator, sms, hints, post } = desk();
    const report = simulator.event(sms);
    expect(await post(report.replace("sms-delivery-report", "form-submission"))).toEqual([
      200,
      { outcome: "ignored" },
    ]);
    expect(await post(report.replace(/"messageId":\d+/, '"messageId":"x"'))).toEqual([
      400,
      { code: "unexpected_shape" },
    ]);
    expect((await post("", "GET"))[0]).toBe(405);
    expect((await post("x".repeat(65 * 1024)))[0]).toBe(413);
    expect(hints).toEqual([]);
  });
});
