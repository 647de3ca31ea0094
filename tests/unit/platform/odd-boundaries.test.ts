import { afterEach, describe, expect, it, vi } from "vitest";
import { ODD_TEXTS } from "#dev/amocrm-simulator/account/oddities.ts";
import { sign } from "#dev/resend-simulator/events.ts";
import { answerAdmin } from "#shared/admin/endpoint.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { answerBrowser } from "#shared/amocrm/oauth/endpoint.ts";
import { apiDomainOf, claimsOf } from "#shared/amocrm/tokens/claims.ts";
import { createTokenEndpoint } from "#shared/amocrm/tokens/token-endpoint.ts";
import { answerForm } from "#shared/leads/form/endpoint.ts";
import { createTurnstile } from "#shared/leads/form/turnstile-connection.ts";
import { createResendMailer } from "#shared/mail/resend/mailer.ts";
import { answerWebhook } from "#shared/mail/webhook.ts";
import { systemClock } from "#shared/platform/clock.ts";
import { answerCertificate } from "#shared/school/certificate/endpoint.ts";
import { answerStudents } from "#shared/school/students/endpoint.ts";
import { jsonWithOdd, ODD_JSON, placesOf } from "../support/odd-json.ts";

/** What a database cannot store, as `JSON.stringify` would send it to one. */
const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;
const URL_HERE = "https://p.supabase.co/functions/v1/here";
const post = (body: string): Request => new Request(URL_HERE, { method: "POST", body });
const silent = (): void => {};
afterEach(() => vi.unstubAllGlobals());

/** Every odd value in every place of a sample. */
async function eachOdd(sample: unknown, check: (json: string) => Promise<void> | void): Promise<void> {
  for (const place of placesOf(sample)) {
    for (const odd of ODD_JSON) await check(jsonWithOdd(sample, place, odd));
  }
}

/** Calls with every odd body; each is answered, refused in words at most. */
async function expectAnswers(sample: unknown, answer: (request: Request) => Promise<Response>) {
  await eachOdd(sample, async (json) => {
    const response = await answer(post(json));
    const text = await response.text();
    expect([200, 201, 400, 413], `${json.slice(0, 200)}: ${text}`).toContain(response.status);
    if (response.status >= 400) expect(JSON.parse(text)).toMatchObject({ code: /./, message: /./ });
  });
}

describe("whatever stands anywhere in a request", () => {
  it("form-submit answers, and hands over what can be stored", async () => {
    const lead = {
      captcha_token: "t",
      submission_id: "5b1a1f0e-1111-4111-8111-111111111111",
      full_name: "N",
      email: "a@example.com",
      phone: "+77011234567",
      utm_source: "u",
      metadata: { form: { words: ["a"], number: 1 } },
      consent_at: "2026-01-31T00:00:00Z",
      left_empty: "",
    };
    const saved: object[] = [];
    await expectAnswers(lead, (request) =>
      answerForm(request, {
        captcha: { check: async () => ({ state: "solved" }) },
        store: {
          save: async (visit) => {
            saved.push(visit);
            return { state: "saved" };
          },
        },
        log: silent,
      }),
    );
    expect(saved.length).toBeGreaterThan(100);
    for (const visit of saved) expect(JSON.stringify(visit)).not.toMatch(UNSTORABLE);
  });

  it("tripwire-students answers, and hands over plain texts only", async () => {
    const student = { full_name: "N", email: "a@example.com", phone: "+77011234567" };
    await expectAnswers(student, (request) =>
      answerStudents(request, { id: "m", role: "admin" }, silent, async (admission) => {
        expect(JSON.stringify(admission)).not.toMatch(UNSTORABLE);
        return { state: "refused", code: "email_address_invalid" };
      }),
    );
  });

  it("tripwire-certificate answers", async () => {
    for (const text of ODD_TEXTS) {
      const code: string = JSON.parse(text);
      const request = new Request(`${URL_HERE}?${new URLSearchParams({ code })}`);
      const ports = { find: async () => null, draw: vi.fn(), functionUrl: URL_HERE };
      expect((await answerCertificate(request, null, silent, ports)).status).toBe(404);
    }
  });

  const ORDERS: readonly AdminRequestInput[] = [
    {
      action: "setup",
      routes: [{ source: "a", pipeline_id: 1, status_id: 2, tags: ["t"], deal_name: "D" }],
      stages: [{ event: "lesson.1", pipeline_id: 1, status_id: 2 }],
      fields: [{ entity: "deal", path: "metadata.a", field_id: 1 }],
      settings: { min_interval_ms: 1000, batch_size: 5 },
      vault: { functionsUrl: "https://p.supabase.co/functions/v1", cronKey: "k" },
      alerts: { alertUrl: "https://hooks.example/a", deadManUrl: "" },
      marker: true,
    },
    { action: "backfill", mode: "start", since: "2026-01-31T00:00:00Z", limit: 5 },
    { action: "pull", mode: "start", since: "2026-01-31T00:00:00Z", accept_deletions: true },
    { action: "find", email: "a@example.com", phone: "+77011234567" },
    { action: "find", lead: "5b1a1f0e-1111-4111-8111-111111111111" },
    { action: "connect", switch: true },
    { action: "connection", link_id: 5 },
    { action: "dead", kind: "lead.created", error_code: "e", limit: 5 },
    { action: "requeue", ids: [1, 2] },
    { action: "pause", reason: "r" },
  ];
  it.each(ORDERS)("amocrm-admin answers, asked to $action", async (order) => {
    const caller = { mode: "secret", name: "default", role: undefined } as const;
    await expectAnswers(order, (request) =>
      answerAdmin(request, caller, silent, async (read) => {
        expect(JSON.stringify(read)).not.toMatch(UNSTORABLE);
        return {};
      }),
    );
  });

  it("amocrm-oauth answers a browser with a page", async () => {
    const callback = {
      code: "c",
      state: "s".repeat(43),
      referer: "company.amocrm.ru",
      client_id: "client",
    };
    const integration = {
      state: "ready",
      clientId: "client",
      consentOrigin: "https://www.amocrm.ru",
      baseUrl: null,
      configuredOrigin: null,
    } as const;
    const ports = {
      integration,
      visitor: { role: null },
      log: silent,
      start: vi.fn(),
      callback: () =>
        ({
          integration,
          consents: { useState: async () => ({ outcome: "unknown" }) },
          secrets: { hash: async () => "h" },
        }) as never,
    };
    const ask = async (json: string) => {
      const told: unknown = JSON.parse(json);
      if (typeof told !== "object" || told === null || Array.isArray(told)) return;
      const query = Object.entries(told).map(([name, value]) => [
        name,
        typeof value === "object" ? "[object Object]" : String(value),
      ]);
      const url = `https://p.supabase.co/functions/v1/amocrm-oauth/callback?${new URLSearchParams(query)}`;
      const response = await answerBrowser(new Request(url), ports);
      expect(response.status, url.slice(0, 200)).toBeGreaterThanOrEqual(400);
      expect(response.status, url.slice(0, 200)).toBeLessThan(500);
    };
    await eachOdd(callback, ask);
    await eachOdd({ ...callback, error: "access_denied" }, ask);
  });

  it("mail-webhook answers, and records only moments and ids that can be", async () => {
    const secret = `whsec_${btoa("x".repeat(24))}`;
    const nowMs = Date.UTC(2031, 0);
    const event = {
      type: "email.bounced",
      created_at: "2031-01-01T00:00:00Z",
      data: {
        email_id: "r1",
        tags: { message_id: "7", subject_id: "5b1a1f0e-1111-4111-8111-111111111111" },
        bounce: { type: "Permanent", subType: "General", message: "m" },
        failed: { reason: "r" },
      },
    };
    await eachOdd(event, async (json) => {
      const timestamp = String(nowMs / 1000);
      const headers = {
        "svix-id": "m1",
        "svix-timestamp": timestamp,
        "svix-signature": `v1,${sign(secret, `m1.${timestamp}.${json}`)}`,
      };
      const response = await answerWebhook(new Request(URL_HERE, { method: "POST", body: json, headers }), {
        secret,
        clock: { ...systemClock, nowMs: () => nowMs },
        log: silent,
        events: {
          async record(told) {
            expect(JSON.stringify(told)).not.toMatch(UNSTORABLE);
            expect(told.messageId === null || told.messageId > 0).toBe(true);
            expect(told.happenedAt === null || told.happenedAt.startsWith("20")).toBe(true);
            return "recorded";
          },
        },
      });
      expect([200, 400, 413], json.slice(0, 200)).toContain(response.status);
    });
  });
});

describe("whatever stands anywhere in an answer", () => {
  const APP = { clientId: "c", clientSecret: "s", redirectUri: "https://p.supabase.co/callback" };
  const slots = { take: async () => ({ granted: true, waitedMs: 0 }) as const };

  it.each([200, 400, 401, 429, 500])("of tokens with %d, a verdict comes out", async (status) => {
    const sample = {
      access_token: "a.b.c",
      refresh_token: "r",
      expires_in: 86_400,
      hint: "Token is expired",
    };
    await eachOdd(sample, async (json) => {
      const endpoint = createTokenEndpoint({
        app: APP,
        baseUrl: null,
        slots,
        pace: { reportFault: async () => "harmless" },
        fetch: async () => new Response(json, { status }),
        clock: systemClock,
      });
      const answer = await endpoint.refresh("https://company.amocrm.ru", "r");
      expect(status === 200 ? ["issued", "lost"] : ["refused", "hindered", "lost"]).toContain(answer.verdict);
      if (answer.verdict !== "issued") return;
      expect(JSON.stringify(answer.pair)).not.toMatch(UNSTORABLE);
      expect(answer.pair.expiresInSeconds).toBeGreaterThan(0);
      expect(Number.isSafeInteger(answer.pair.expiresInSeconds)).toBe(true);
    });
  });

  it("of a token's claims, nothing or something usable comes out", async () => {
    const sample = { exp: 1_900_000_000, account_id: 5, api_domain: "api-b.amocrm.ru" };
    await eachOdd(sample, (json) => {
      const payload = btoa(unescape(encodeURIComponent(json)));
      const token = `x.${payload}.y`;
      const { expiresAt, accountId } = claimsOf(token);
      expect(expiresAt === null || !Number.isNaN(Date.parse(expiresAt))).toBe(true);
      expect(accountId === null || (Number.isSafeInteger(accountId) && accountId > 0)).toBe(true);
      expect(["string", "object"]).toContain(typeof apiDomainOf(token));
    });
  });

  it.each([200, 302, 400, 401, 403, 409, 422, 429, 500])(
    "of Resend with %d, a verdict comes out",
    async (status) => {
      const sample = { id: "r1", name: "validation_error", message: "Invalid `to` field", statusCode: 422 };
      await eachOdd(sample, async (json) => {
        const mailer = createResendMailer({
          baseUrl: "https://api.resend.com",
          apiKey: "k",
          fetch: async () => new Response(json, { status, headers: { "retry-after": "x" } }),
          slots,
          clock: { ...systemClock, sleep: () => new Promise(() => {}) },
        });
        const body = {
          from: "f@s.example",
          to: ["a@example.com"],
          subject: "s",
          html: "h",
          text: "t",
          tags: [],
        };
        const answer = await mailer.send(body, "key");
        expect(
          status === 200 ? ["delivered", "uncertain"] : ["retry", "uncertain", "blocked", "rejected"],
        ).toContain(answer.verdict);
        if (answer.verdict === "delivered") expect(answer.resendId).not.toMatch(/\0|\p{Cs}/u);
      });
    },
  );

  it("of the captcha's maker, a verdict comes out, and an odd code hides none of ours", async () => {
    const captcha = createTurnstile(
      { secretKey: "s", verifyUrl: "https://challenges.example/verify" } as never,
      () => "id",
    );
    const sample = { success: false, "error-codes": ["odd", "invalid-input-secret"] };
    await eachOdd(sample, async (json) => {
      vi.stubGlobal("fetch", async () => new Response(json));
      const verdict = await captcha.check("t", null);
      expect(["solved", "failed", "unknown"]).toContain(verdict.state);
      if (json.includes('"success":false') && json.endsWith('"invalid-input-secret"]}'))
        expect(verdict.state).toBe("unknown");
    });
  });
});
