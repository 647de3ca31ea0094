import { describe, expect, it } from "vitest";
import { createAdminClient } from "#cli/admin-client.ts";
import { Failure } from "#cli/failure.ts";
import type { Target } from "#cli/target.ts";
import { SetupAnswer } from "#shared/admin/answer.ts";

const TARGET: Target = {
  kind: "hosted",
  url: "https://p.supabase.co",
  secretKey: "sb_secret_mine",
  origin: "SUPABASE_URL",
};
const ORDER = { action: "setup", marker: true } as const;

async function failureOf(fetch: typeof globalThis.fetch, target = TARGET): Promise<Failure> {
  const outcome = await createAdminClient(target, fetch)(ORDER, SetupAnswer).catch((error: unknown) => error);
  if (outcome instanceof Failure) return outcome;
  throw new Error(`no Failure, but ${JSON.stringify(outcome)}`);
}

const answering =
  (status: number, body: unknown): typeof globalThis.fetch =>
  async () =>
    Response.json(body, { status });

describe("createAdminClient", () => {
  it("posts to amocrm-admin with the key in apikey and gives back the answer", async () => {
    const calls: [unknown, RequestInit | undefined][] = [];
    const ask = createAdminClient(TARGET, async (url, init) => {
      calls.push([url, init]);
      return Response.json({ ok: true, steps: [] });
    });
    expect(await ask(ORDER, SetupAnswer)).toEqual({ ok: true, steps: [] });
    expect(calls[0]?.[0]).toBe("https://p.supabase.co/functions/v1/amocrm-admin");
    expect(calls[0]?.[1]).toMatchObject({
      method: "POST",
      headers: { apikey: "sb_secret_mine" },
      body: JSON.stringify(ORDER),
      redirect: "manual",
    });
  });

  it.each([
    [400, { code: "invalid_request", message: "marker: no" }, 2, "marker: no", /--help/],
    [
      401,
      { code: "INVALID_API_KEY", message: "x" },
      3,
      "refuses the secret key",
      /SUPABASE_SECRET_KEY must be/,
    ],
    [403, { code: "not_admin", message: "Only admins" }, 3, "Only admins", /secret key/],
    [404, { code: "NOT_FOUND", message: "x" }, 3, "There is no amocrm-admin", /functions deploy/],
    [500, { code: "action_failed", message: "PGRST202 no function" }, 3, "PGRST202", /db push/],
    [500, { code: "action_failed", message: "odd" }, 3, "odd", /logs/],
    [503, { code: "BOOT_ERROR", message: "x" }, 3, "does not start", /logs/],
    [502, "<html>", 3, "failed (502)", /logs/],
    [301, "", 3, "failed (301)", /logs/],
    [200, { ok: "yes" }, 3, "answered something else", /deploy/],
  ])("turns %i into a sentence with a remedy", async (status, body, exitCode, message, remedy) => {
    const failure = await failureOf(answering(status, body));
    expect(failure.exitCode).toBe(exitCode);
    expect(failure.message).toContain(message);
    expect(failure.remedy).toMatch(remedy);
    expect(`${failure.message} ${failure.remedy}`).not.toContain("sb_secret_mine");
  });

  it("names the address and Node's reason, when nothing listens there", async () => {
    const refused = Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNREFUSED" } });
    const failure = await failureOf(() => Promise.reject(refused));
    expect(failure.message).toBe("No connection to https://p.supabase.co (ECONNREFUSED)");
    expect(failure.remedy).toMatch(/SUPABASE_URL/);
  });

  it("tells to start the local stack again, when it is gone", async () => {
    const local: Target = { ...TARGET, kind: "local", origin: "/p/.dev/stack.json" };
    const failure = await failureOf(() => Promise.reject(new TypeError("fetch failed")), local);
    expect(failure.remedy).toBe("The stack of /p/.dev/stack.json no longer runs: npm run dev");
  });

  it("tells a timeout from a refusal", async () => {
    const failure = await failureOf(() => Promise.reject(new DOMException("late", "TimeoutError")));
    expect(failure.code).toBe("timeout");
  });
});
