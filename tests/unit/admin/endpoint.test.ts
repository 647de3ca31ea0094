import { describe, expect, it } from "vitest";
import { answerAdmin, type Caller } from "#shared/admin/endpoint.ts";
import type { LogFacts } from "#shared/platform/log.ts";

const KEY_HOLDER: Caller = { mode: "secret", name: "default", role: undefined };
const PLAN = {
  requests: [
    {
      method: "POST",
      path: "/api/v4/leads/complex",
      query: "query=ada%40example.com&with=leads",
      entity_ids: [9_000_000_000_001],
      message_ids: [7],
      body: [
        {
          name: "Ada",
          price: 100,
          status_id: 61001,
          custom_fields_values: [
            { field_code: "EMAIL", values: [{ value: "ada@example.com", enum_code: "WORK" }] },
            { field_id: 7, values: [{ value: 7_011_234_567 }, { value: true }] },
          ],
          note: null,
        },
      ],
    },
  ],
  messages: [
    {
      id: 7,
      kind: "lead.created",
      subject_table: "unified_lead_tracking",
      subject_id: "11111111-1111-4111-8111-111111111111",
      reasons: [],
      verdict: "delivered",
      code: null,
      message: "Please call Ada",
    },
  ],
  waiting_count: 0,
};
const LIMIT_BYTES = 64 * 1024;

interface Call {
  method?: string;
  body?: BodyInit | null;
  caller?: Caller;
  run?: () => Promise<object>;
}

async function call({ method = "POST", body = '{"action":"status"}', caller = KEY_HOLDER, run }: Call = {}) {
  const lines: [string, LogFacts | undefined][] = [];
  const hasBody = method !== "GET" && body !== null;
  const request = new Request("https://p.supabase.co/functions/v1/amocrm-admin", {
    method,
    ...(hasBody ? { body, duplex: "half" } : {}),
  } as RequestInit);
  let runCount = 0;
  const response = await answerAdmin(
    request,
    caller,
    (_level, event, facts) => void lines.push([event, facts]),
    () => {
      runCount += 1;
      return run?.() ?? Promise.resolve({ ok: true });
    },
  );
  return { response, lines, runCount, answer: await response.json() };
}

/** A body that comes in pieces, without a length in the headers. */
function streamOf(pieceCount: number, pieceBytes: number): ReadableStream<Uint8Array> {
  let left = pieceCount;
  return new ReadableStream({
    pull(controller) {
      if (left-- === 0) controller.close();
      else controller.enqueue(new Uint8Array(pieceBytes).fill(32));
    },
  });
}

describe("answerAdmin", () => {
  it("runs the action for a key and logs who asked, without the content", async () => {
    const { response, lines, answer } = await call();
    expect([response.status, answer]).toEqual([200, { ok: true }]);
    expect(lines).toEqual([["admin_action", { action: "status", by: "secret", name: "default" }]]);
  });

  it.each(["GET", "PUT", "DELETE", "OPTIONS"])(
    "refuses %s with 405 and names what is allowed",
    async (method) => {
      const { response, answer, runCount } = await call({ method });
      expect([response.status, answer.code, response.headers.get("allow")]).toEqual([
        405,
        "method_not_allowed",
        "POST",
      ]);
      expect(runCount).toBe(0);
    },
  );

  it("lets a signed-in admin in", async () => {
    const { response } = await call({ caller: { mode: "user", name: "u", role: "admin" } });
    expect(response.status).toBe(200);
  });

  it("lets a viewer see the plan, and nothing else", async () => {
    const caller: Caller = { mode: "user", name: "u", role: "viewer" };
    const refused = await call({ caller });
    expect([refused.response.status, refused.answer.code, refused.runCount]).toEqual([403, "not_admin", 0]);
    expect((await call({ caller, body: '{"action":"plan"}', run: async () => PLAN })).response.status).toBe(
      200,
    );
  });

  it("masks the plan for whoever is signed in, and shows it to the key", async () => {
    const body = '{"action":"plan"}';
    const run = async () => PLAN;
    for (const role of ["admin", "viewer"]) {
      const { answer } = await call({ body, run, caller: { mode: "user", name: "u", role } });
      expect(JSON.stringify(answer)).not.toMatch(/Ada|ada@|7011234567|Please/);
      expect(answer.requests).toEqual([
        {
          ...PLAN.requests[0],
          query: "query=•••&with=leads",
          body: [
            {
              name: "•••",
              price: 100,
              status_id: 61001,
              custom_fields_values: [
                { field_code: "EMAIL", values: [{ value: "•••", enum_code: "WORK" }] },
                { field_id: 7, values: [{ value: "•••" }, { value: true }] },
              ],
              note: null,
            },
          ],
        },
      ]);
      expect(answer.messages).toEqual([{ ...PLAN.messages[0], message: null }]);
    }
    expect((await call({ body, run })).answer).toEqual(PLAN);
  });

  it.each([
    ["a student", { mode: "user", name: "u", role: undefined }],
    ["a sales manager", { mode: "user", name: "u", role: "sales_manager" }],
    ["a list of roles", { mode: "user", name: "u", role: ["admin"] }],
    ["a publishable key", { mode: "publishable", name: "default", role: "admin" }],
    ["nobody", { mode: "none", name: null, role: "admin" }],
  ] as [string, Caller][])("refuses %s with 403", async (_, caller) => {
    const { response, answer, runCount } = await call({ caller });
    expect([response.status, answer.code, runCount]).toEqual([403, "not_admin", 0]);
  });

  it.each([
    ["no body", null, "invalid_json", "The body is not JSON"],
    ["no JSON", "{", "invalid_json", "The body is not JSON"],
    ["null", "null", "invalid_request", "Invalid input: expected object, received null"],
    ["an unknown action", '{"action":"drop"}', "invalid_request", /action: .*'setup' \| 'status'/],
    ["a member too many", '{"action":"status","x":1}', "invalid_request", 'Unrecognized key: "x"'],
    ["a wrong type", '{"action":"setup","marker":"yes"}', "invalid_request", /^marker: .*expected boolean/],
    [
      "a stage without its pipeline",
      '{"action":"setup","routes":[{"source":"*","status_id":1}]}',
      "invalid_request",
      "routes.0.status_id: needs pipeline_id: a stage is only unique together with its pipeline",
    ],
    [
      "the same source twice",
      '{"action":"setup","routes":[{"source":"a"},{"source":"a"}]}',
      "invalid_request",
      "routes: names a source twice",
    ],
    [
      "a pace that amoCRM forbids",
      '{"action":"setup","settings":{"min_interval_ms":100}}',
      "invalid_request",
      /settings\.min_interval_ms: .*>=150/,
    ],
  ])("refuses %s with 400 in words", async (_, body, code, message) => {
    const { response, answer, runCount } = await call({ body });
    expect([response.status, answer.code, runCount]).toEqual([400, code, 0]);
    expect(answer.message).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  it("never repeats a key that it refuses", async () => {
    const vault = { functionsUrl: "https://user:sb_secret_a@p.supabase.co", cronKey: "sb_secret_b c" };
    const { response, answer, lines } = await call({ body: JSON.stringify({ action: "setup", vault }) });
    expect(response.status).toBe(400);
    expect(answer.issues).toHaveLength(2);
    expect(JSON.stringify([answer, lines])).not.toMatch(/sb_secret/);
  });

  it("reads a body up to the limit", async () => {
    const { response } = await call({ body: '{"action":"status"}'.padEnd(LIMIT_BYTES) });
    expect(response.status).toBe(200);
  });

  it.each([
    ["that is told beforehand", "x".repeat(LIMIT_BYTES + 1)],
    ["that comes in pieces without an end", streamOf(Number.POSITIVE_INFINITY, 10_000)],
  ])("refuses a body beyond the limit %s with 413", async (_, body) => {
    const { response, answer, runCount } = await call({ body });
    expect([response.status, answer.code, runCount]).toEqual([413, "body_too_large", 0]);
  });

  it("answers 500 with the sentence of a fault and logs it", async () => {
    const run = (): Promise<object> => Promise.reject(new Error("Cannot use amocrm_routes: 42501 denied"));
    const { response, answer, lines } = await call({ run });
    expect([response.status, answer.code]).toEqual([500, "action_failed"]);
    expect(lines.map(([event]) => event)).toEqual(["admin_action_failed"]);
  });
});
