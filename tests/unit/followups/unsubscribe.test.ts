import { describe, expect, it } from "vitest";
import { answerUnsubscribe } from "#shared/followups/unsubscribe.ts";

const TOKEN = "AbCdEfGhIjKlMnOpQrStUv";
const ADDRESS = `https://p.supabase.co/functions/v1/unsubscribe/${TOKEN}`;

function bench(outcome: "withdrawn" | "again" | "unknown" | Error = "withdrawn") {
  const tokens: string[] = [];
  const logged: string[] = [];
  const ports = {
    wayOut: {
      unsubscribe: (token: string) => {
        tokens.push(token);
        return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
      },
    },
    log: (...entry: unknown[]) => void logged.push(JSON.stringify(entry)),
  };
  const call = (method: string, url = ADDRESS, init: RequestInit = {}) =>
    answerUnsubscribe(new Request(url, { method, ...init }), ports);
  return { tokens, logged, call };
}

describe("one-click unsubscribing", () => {
  it.each([
    ["a form", new URLSearchParams({ "List-Unsubscribe": "One-Click" })],
    ["a multipart form", Object.assign(new FormData())],
    ["nothing", undefined],
    ["something else", "x".repeat(100_000)],
  ])("withdraws by a POST with %s, without a redirect", async (_name, body) => {
    const { tokens, call } = bench();
    const answer = await call("POST", ADDRESS, body === undefined ? {} : { body });
    expect([answer.status, tokens]).toEqual([200, [TOKEN]]);
  });

  it.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])("changes nothing by %s", async (method) => {
    const { tokens, call } = bench();
    const answer = await call(method);
    expect(tokens).toEqual([]);
    expect(answer.status).toBe(
      method === "OPTIONS" ? 204 : method === "PUT" || method === "DELETE" ? 405 : 200,
    );
    expect(answer.headers.get("location")).toBe(null);
  });

  it("answers a token that nobody got, a used one, and none at all as a good one", async () => {
    const answers = await Promise.all([
      bench("withdrawn").call("POST"),
      bench("again").call("POST"),
      bench("unknown").call("POST"),
      bench("unknown").call("POST", "https://p.supabase.co/functions/v1/unsubscribe/"),
      bench("unknown").call("POST", "https://p.supabase.co/functions/v1/unsubscribe/a%2Fb"),
    ]);
    const texts = await Promise.all(answers.map(async (one) => `${one.status} ${await one.text()}`));
    expect(new Set(texts).size).toBe(1);
  });

  it("is asked again by the mailbox when the database is down, and says no token to the log", async () => {
    const { call, logged } = bench(new Error("connection lost"));
    const answer = await call("POST");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "60"]);
    expect(logged.join()).not.toContain(TOKEN);
  });
});
