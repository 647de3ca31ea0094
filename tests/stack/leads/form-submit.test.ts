import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type System, startSystem } from "../support/system.ts";
import { truncate } from "../support/truncate.ts";
import { visitorAt } from "../support/visitor.ts";

const SECRET = "0x4AAAAAAAtest-secret";

/** Cloudflare's siteverify as far as it is documented: form-encoded in, JSON out, a token good once. */
class FakeTurnstile {
  readonly requests: URLSearchParams[] = [];
  readonly #used = new Set<string>();
  /** What it does instead of answering; each one once. */
  readonly troubles: ("reset" | "html" | "internal")[] = [];
  readonly #server = http.createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const form = new URLSearchParams(text);
      this.requests.push(form);
      const trouble = this.troubles.shift();
      if (trouble === "reset") return request.socket.destroy();
      if (trouble === "html") return response.writeHead(502).end("<html>bad gateway</html>");
      const codes = trouble === "internal" ? ["internal-error"] : this.#faultsOf(form);
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ success: codes.length === 0, "error-codes": codes }));
    });
  });

  #faultsOf(form: URLSearchParams): string[] {
    if (form.get("secret") !== SECRET) return ["invalid-input-secret"];
    const token = form.get("response") ?? "";
    if (!token.startsWith("good-")) return ["invalid-input-response"];
    if (this.#used.has(token)) return ["timeout-or-duplicate"];
    this.#used.add(token);
    return [];
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/turnstile/v0/siteverify`;
  }
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const turnstile = new FakeTurnstile();
let system: System;
let verifyUrl: string;
let next = 0;
const token = () => `good-${next++}`;

beforeAll(async () => {
  verifyUrl = await turnstile.start();
  system = await startSystem({
    functionEnv: { AMOCRM_ENABLED: "false", TURNSTILE_SECRET_KEY: SECRET, TURNSTILE_VERIFY_URL: verifyUrl },
  });
});
afterAll(async () => {
  await system?.stop();
  turnstile.stop();
});
beforeEach(async () => {
  turnstile.requests.length = 0;
  turnstile.troubles.length = 0;
  await truncate(system.sql, "landing_leads", "unified_lead_tracking", "amocrm.outbox", "amocrm.arrivals");
  await system.sql`update amocrm_form_limits set is_enabled = true, requires_captcha = true, per_address_count = 30`;
});

const visitor = (address = "127.7.0.1") => visitorAt(address, system.stack);
const lead = { full_name: "Ada", email: "ada@example.com", source: "webinar", metadata: { quiz: [1] } };
const saved = () =>
  system.sql`select lead.email, quarantined_leads.reason, outbox.kind from unified_lead_tracking as lead
    left join amocrm.quarantined_leads on quarantined_leads.lead_id = lead.id
    left join amocrm.outbox on outbox.subject_id = lead.id`;

describe("a visitor's lead", () => {
  test("with a solved captcha is saved and goes out, and Cloudflare is told his address", async () => {
    const solved = token();
    const answer = await visitor().submit({ ...lead, captcha_token: solved });
    expect(answer).toMatchObject({ status: 201, body: {} });
    expect(await saved()).toEqual([{ email: "ada@example.com", reason: null, kind: "lead.created" }]);
    const [asked] = turnstile.requests;
    expect(Object.fromEntries(asked ?? [])).toEqual({
      secret: SECRET,
      response: solved,
      remoteip: "127.7.0.1",
      idempotency_key: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test("is refused without a solved captcha, and by the table directly", async () => {
    const refused = await visitor().submit({ ...lead, captcha_token: "forged" });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: "captcha_failed", details: null, hint: null },
    });
    const direct = await visitor().leave(lead);
    expect(direct).toMatchObject({ status: 403, body: { code: "PT403", details: "captcha_is_required" } });
    expect(await saved()).toHaveLength(0);
  });

  test("with a token that was used before is refused", async () => {
    const solved = token();
    await visitor().submit({ ...lead, captcha_token: solved });
    expect((await visitor().submit({ ...lead, captcha_token: solved })).status).toBe(403);
    expect(await saved()).toHaveLength(1);
  });

  test("is checked once more, with the same key, when Cloudflare's answer was lost", async () => {
    turnstile.troubles.push("reset");
    expect((await visitor().submit({ ...lead, captcha_token: token() })).status).toBe(201);
    expect(await saved()).toMatchObject([{ reason: null }]);
    expect(turnstile.requests).toHaveLength(2);
    expect(new Set(turnstile.requests.map((form) => form.get("idempotency_key"))).size).toBe(1);
  });

  test.each([
    ["does not answer", ["reset", "reset"]],
    ["answers nonsense", ["html", "html"]],
    ["says that it is broken", ["internal"]],
  ] as const)("is saved and waits for a person when Cloudflare %s", async (_, troubles) => {
    turnstile.troubles.push(...troubles);
    const answer = await visitor().submit({ ...lead, captcha_token: token() });
    expect(answer).toMatchObject({ status: 201, body: {} });
    expect(await saved()).toEqual([{ email: "ada@example.com", reason: "captcha", kind: null }]);
  });

  test("that only a robot can have typed gets the same answer, and goes to nobody", async () => {
    const human = await visitor().submit({ ...lead, captcha_token: token() });
    const robot = await visitor().submit({
      ...lead,
      captcha_token: token(),
      left_empty: "http://spam.example",
    });
    const plain = ({ date, ...headers }: http.IncomingHttpHeaders) => headers;
    expect({ ...robot, headers: plain(robot.headers) }).toEqual({ ...human, headers: plain(human.headers) });
    expect((await saved()).map(({ reason }) => reason).sort()).toEqual(["honeypot", null]);
  });

  test("is refused past the limit of his address, which is not the function's", async () => {
    await system.sql`update amocrm_form_limits set per_address_count = 3`;
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) {
      const forged = { "x-forwarded-for": `10.0.0.${n}`, "cf-connecting-ip": `10.0.1.${n}` };
      statuses.push((await visitor().submit({ ...lead, captcha_token: token() }, forged)).status);
    }
    expect(statuses).toEqual([201, 201, 201, 429]);
    expect((await visitor("127.7.0.2").submit({ ...lead, captcha_token: token() })).status).toBe(201);
  });

  test("gets the Data API's own words for what is wrong with it", async () => {
    const direct = system.anon.from("landing_leads");
    await system.sql`update amocrm_form_limits set requires_captcha = false`;
    const { error } = await direct.insert({ email: "none" });
    const answer = await visitor().submit({ email: "none", captcha_token: token() });
    expect(answer).toMatchObject({ status: 400, body: { code: "23514", details: "email_is_an_address" } });
    expect(answer.body).toEqual({
      code: error?.code,
      message: error?.message,
      details: error?.details,
      hint: error?.hint,
    });
  });

  test("sent twice with one submission_id is one lead, and the second answer says so", async () => {
    const submission_id = "0b8f6b6e-9d5c-4a3c-8a53-1f4d8f9d2b10";
    expect((await visitor().submit({ ...lead, submission_id, captcha_token: token() })).status).toBe(201);
    const again = await visitor().submit({ ...lead, submission_id, captcha_token: token() });
    expect(again).toMatchObject({ status: 409, body: { code: "23505" } });
    expect(await saved()).toHaveLength(1);
  });
});

describe("abuse of the function", () => {
  test.each([
    ["a column of its own", { ...lead, captcha_token: "good-x", amocrm_deal_id: 7 }, "invalid_request"],
    [
      "an id",
      { ...lead, captcha_token: "good-x", id: "0b8f6b6e-9d5c-4a3c-8a53-1f4d8f9d2b10" },
      "invalid_request",
    ],
    ["no token", lead, "invalid_request"],
    ["an endless token", { ...lead, captcha_token: "good-".repeat(500) }, "invalid_request"],
    ["a list of leads", [{ ...lead, captcha_token: "good-x" }], "invalid_request"],
    ["a number for a name", { ...lead, full_name: 5, captcha_token: "good-x" }, "invalid_request"],
  ])("%s is refused before Cloudflare or the database is asked", async (_, body, code) => {
    const answer = await visitor().submit(body);
    expect(answer).toMatchObject({ status: 400, body: { code } });
    expect(JSON.stringify(answer.body)).not.toContain("ada@");
    expect(turnstile.requests).toHaveLength(0);
    expect(await saved()).toHaveLength(0);
  });

  test("a body larger than any lead is refused", async () => {
    const answer = await visitor().submit({
      ...lead,
      captcha_token: "good-x",
      metadata: { a: "x".repeat(200_000) },
    });
    expect(answer).toMatchObject({ status: 413, body: { code: "body_too_large" } });
  });

  test("other methods are refused, and a page of any origin may ask", async () => {
    const url = `${system.stack.functionsUrl}/form-submit`;
    expect((await fetch(url)).status).toBe(405);
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: { origin: "https://landing.example", "access-control-request-method": "POST" },
    });
    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("neither the secret nor anything of a lead is in the log", () => {
    const log = system.stack.functionLog();
    expect(log).toContain("captcha_unchecked");
    expect(log).not.toContain(SECRET);
    expect(log).not.toMatch(/ada@|Ada/);
  });
});

test("without its secret key the function says what is missing", async () => {
  const other = await startSystem({ functionEnv: { AMOCRM_ENABLED: "false" } });
  try {
    const answer = await visitorAt("127.7.0.1", other.stack).submit({ ...lead, captcha_token: token() });
    expect(answer).toMatchObject({
      status: 503,
      body: {
        code: "unconfigured",
        missing: ["TURNSTILE_SECRET_KEY"],
        message: "TURNSTILE_SECRET_KEY is not set",
      },
    });
  } finally {
    await other.stop();
  }
});
