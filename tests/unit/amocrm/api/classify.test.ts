import { describe, expect, it } from "vitest";
import { type Asked, classify, unexpectedAnswer } from "#shared/amocrm/api/classify.ts";
import type { MethodClass } from "#shared/amocrm/api/transport.ts";
import type { AnsweredOutcome, FailedOutcome } from "#shared/platform/http/outcome.ts";

const TIMES = { durationMs: 5, waitedMs: 0 };
const HTML = "<html><body><h1>nginx</h1></body></html>";
const NAMED = '{"validation-errors":[{"request_id":"m-1","errors":[{"code":"X","path":"name"}]}]}';
const CLASSES: readonly MethodClass[] = ["read", "set", "create"];

function asked(methodClass: MethodClass, path = "/api/v4/leads", requestIds: string[] = ["m-1"]): Asked {
  return { methodClass, path, requestIds };
}

function answered(httpStatus: number, body = "", facts: Partial<AnsweredOutcome> = {}): AnsweredOutcome {
  return {
    kind: "answered",
    httpStatus,
    body,
    bodyFault: null,
    retryAfter: null,
    answeredAtMs: 1_760_000_000_000,
    ...TIMES,
    ...facts,
  };
}

function failed(reason: FailedOutcome["reason"], phase: FailedOutcome["phase"]): FailedOutcome {
  return { kind: "failed", reason, phase, ...TIMES };
}

/** The verdict and code of each class in the order read, set, create. */
function judgements(outcome: AnsweredOutcome | FailedOutcome): string[] {
  return CLASSES.map((methodClass) => {
    const classified = classify(asked(methodClass), outcome);
    return classified.verdict === "delivered"
      ? "delivered"
      : `${classified.verdict} ${classified.fault.code}`;
  });
}

function same(judgement: string): string[] {
  return [judgement, judgement, judgement];
}

function doubtful(code: string): string[] {
  return [`retry ${code}`, `retry ${code}`, `uncertain ${code}`];
}

describe("classify judges", () => {
  it.each<[string, AnsweredOutcome | FailedOutcome, string[]]>([
    ["200 with JSON", answered(200, "{}"), same("delivered")],
    ["201 with JSON", answered(201, "[]"), same("delivered")],
    ["200 with HTML", answered(200, HTML), doubtful("not_json")],
    ["200 without a body", answered(200), doubtful("not_json")],
    ["204", answered(204), ["delivered", "retry not_json", "uncertain not_json"]],
    [
      "200 whose body was lost",
      answered(200, "", { bodyFault: "connection_lost" }),
      doubtful("connection_lost"),
    ],
    ["200 whose body did not end in time", answered(200, "", { bodyFault: "timeout" }), doubtful("timeout")],
    [
      "200 with a body beyond the bound",
      answered(200, "", { bodyFault: "answer_too_large" }),
      doubtful("answer_too_large"),
    ],
    ["429 in JSON", answered(429, '{"status":429,"retry_after":300}'), same("retry rate_limited")],
    ["429 in HTML", answered(429, HTML), same("retry rate_limited")],
    ["429 without a body", answered(429), same("retry rate_limited")],
    [
      "429 whose body was lost",
      answered(429, "", { bodyFault: "connection_lost" }),
      same("retry rate_limited"),
    ],
    ["500 in JSON", answered(500, '{"status":500}'), doubtful("server_error")],
    ["502 in HTML", answered(502, HTML), doubtful("server_error")],
    ["503", answered(503), doubtful("server_error")],
    ["504", answered(504, HTML), doubtful("gateway_timeout")],
    ["400 that names the item", answered(400, NAMED), same("rejected validation_failed")],
    ["422 that names the item", answered(422, NAMED), same("rejected validation_failed")],
    ["400 that names nothing", answered(400, "{}"), doubtful("refusal_unexplained")],
    ["400 with a number in its title", answered(400, '{"title":"244"}'), doubtful("refusal_unexplained")],
    ["400 by ids of entities", answered(400, '{"errors":{"71":["x"]}}'), doubtful("refusal_unexplained")],
    ["422", answered(422, "{}"), doubtful("refusal_unexplained")],
    ["422 without a body", answered(422), doubtful("refusal_unreadable")],
    ["400 cut off", answered(400, '{"title":'), doubtful("refusal_unreadable")],
    ["422 of a web page", answered(422, "<html>"), doubtful("refusal_unreadable")],
    [
      "404 in JSON",
      answered(404, "{}"),
      ["retry address_unknown", "rejected not_found", "uncertain address_unknown"],
    ],
    ["405", answered(405, "{}"), doubtful("method_not_allowed")],
    ["408", answered(408), doubtful("timeout")],
    ["413", answered(413, HTML), doubtful("payload_too_large")],
    ["414", answered(414, HTML), doubtful("payload_too_large")],
    ...[406, 407, 409, 410, 418, 421, 423, 425, 426, 431, 451, 499].map(
      (status): [string, AnsweredOutcome, string[]] => [
        String(status),
        answered(status, "{}"),
        doubtful("refused"),
      ],
    ),
    ["401", answered(401, "{}"), same("blocked unauthorized")],
    ["402", answered(402, "{}"), same("blocked unpaid")],
    ["403 in JSON", answered(403, '{"status":403}'), same("blocked forbidden")],
    ["403 in HTML", answered(403, HTML), same("blocked account_blocked")],
    ["403 without a body", answered(403), same("blocked account_blocked")],
    ["301", answered(301), same("blocked wrong_address")],
    ["a redirect as a browser shows it", answered(0), same("blocked wrong_address")],
    ["a timeout", failed("timeout", "after"), doubtful("timeout")],
    ["a reset", failed("connection_lost", "after"), doubtful("connection_lost")],
    ["a refused connection", failed("connection_failed", "before"), same("retry connection_failed")],
  ])("%s", (_name, outcome, expected) => {
    expect(judgements(outcome)).toEqual(expected);
  });

  it.each<[string, Asked, string]>([
    ["a list", asked("read", "/api/v4/leads"), "blocked wrong_address"],
    ["the account", asked("read", "/api/v4/account"), "blocked wrong_address"],
    ["a create", asked("create", "/api/v4/leads/complex"), "blocked wrong_address"],
    ["one entity", asked("read", "/api/v4/leads/17"), "retry refused"],
    ["the notes of deals", asked("read", "/api/v4/leads/notes"), "blocked wrong_address"],
    ["a change, whose entity may be gone", asked("set", "/api/v4/leads"), "rejected not_found"],
    ["a note, whose entity may be gone", asked("create", "/api/v4/leads/notes"), "rejected not_found"],
  ])(
    "a 404 web page as a wrong address only where amoCRM would never say it: %s",
    (_name, request, expected) => {
      const classified = classify(request, answered(404, HTML));
      expect(
        classified.verdict === "delivered" ? "delivered" : `${classified.verdict} ${classified.fault.code}`,
      ).toBe(expected);
    },
  );
});

describe("a fault", () => {
  function faultOf(outcome: Parameters<typeof classify>[1], request = asked("create")) {
    const classified = classify(request, outcome);
    if (classified.verdict === "delivered") throw new Error("expected a fault");
    return classified.fault;
  }

  it("takes the wait from the JSON body before the header", () => {
    expect(faultOf(answered(429, '{"retry_after":300}', { retryAfter: "7" })).waitMs).toBe(300_000);
  });

  it.each([
    ["seconds", "7", 7_000],
    ["a date", new Date(1_760_000_030_000).toUTCString(), 30_000],
    ["a date that is past", new Date(1_750_000_000_000).toUTCString(), 0],
    ["neither", "soon", null],
    ["a negative number", "-5", null],
  ])("takes the wait from a Retry-After header with %s", (_name, retryAfter, expected) => {
    expect(faultOf(answered(429, HTML, { retryAfter })).waitMs).toBe(expected);
  });

  it("asks for smaller batches after a timeout, a 504 and a 413, not after a 502", () => {
    const shrinks = [failed("timeout", "after"), answered(504), answered(413), answered(502)].map(
      (outcome) => faultOf(outcome).shrinksBatch,
    );
    expect(shrinks).toEqual([true, true, true, false]);
  });

  it("is not counted as sent when the connection was never made or slot or token were refused", () => {
    const refusal = { kind: "not_sent", code: "x", message: "x", waitMs: null, ...TIMES } as const;
    expect(faultOf(failed("connection_failed", "before")).isSent).toBe(false);
    expect(faultOf({ ...refusal, refusedBy: "slot" }).isSent).toBe(false);
    expect(faultOf({ ...refusal, refusedBy: "token" }).isSent).toBe(false);
    expect(faultOf(answered(429)).isSent).toBe(true);
  });

  it("keeps the code, message and wait of a refused slot", () => {
    const classified = classify(asked("create"), {
      kind: "not_sent",
      refusedBy: "slot",
      code: "breaker_open",
      message: "The breaker is open",
      waitMs: 9_000,
      ...TIMES,
    });
    expect(classified).toMatchObject({
      verdict: "retry",
      fault: {
        code: "slot_refused",
        causeCode: "breaker_open",
        message: "The breaker is open",
        waitMs: 9_000,
      },
    });
  });

  it("blocks the account when there is no token", () => {
    const classified = classify(asked("read"), {
      kind: "not_sent",
      refusedBy: "token",
      code: "access_token_missing",
      message: "Set AMOCRM_ACCESS_TOKEN",
      waitMs: null,
      ...TIMES,
    });
    expect(classified).toMatchObject({
      verdict: "blocked",
      fault: { code: "token_unavailable", causeCode: "access_token_missing", blame: "account" },
    });
  });

  it("blames account, server or request", () => {
    const blames = [
      answered(429),
      answered(403),
      answered(500),
      failed("timeout", "after"),
      answered(400),
    ].map((outcome) => faultOf(outcome).blame);
    expect(blames).toEqual(["account", "account", "server", "server", "request"]);
  });

  it("names code and path of a refused item and none of amoCRM's own text", () => {
    const body = JSON.stringify({
      "validation-errors": [
        {
          request_id: "m-1",
          errors: [{ code: "NotSupportedChoice", path: "status_id", detail: "Ivan ivan@shop.test is wrong" }],
        },
      ],
      detail: "Ivan ivan@shop.test is wrong",
    });
    const fault = faultOf(answered(400, body));
    expect(fault.items).toEqual([
      { requestId: "m-1", faults: [{ code: "NotSupportedChoice", path: "status_id" }] },
    ]);
    expect(fault.message).toContain("status_id NotSupportedChoice");
    expect(JSON.stringify(fault)).not.toContain("ivan");
  });

  it("that names nobody has amoCRM's own words, without what we sent and without addresses and phones", () => {
    const request = {
      ...asked("create", "/api/v4/leads/complex"),
      body: [
        { name: "Анна Кузнецова", custom_fields_values: [{ field_code: "EMAIL", values: [{ value: "x" }] }] },
      ],
    };
    const body = JSON.stringify({
      title: "Bad Request",
      detail: "Error 244 for кузнецова (ivan@shop.test, +7 904 123-45-67), field EMAIL",
      errors: { "900001": [{ message: "лимит сделок исчерпан" }] },
    });
    expect(faultOf(answered(400, body), request).message).toBe(
      "amoCRM refuses the request and names no item: look at the rights of the token's user, the subscription and the " +
        "account's limits (400). amoCRM says: Bad Request; Error 244 for … (…, …), field EMAIL; лимит сделок исчерпан",
    );
  });

  it("that names nobody keeps short what amoCRM says at length", () => {
    const { message } = faultOf(answered(400, JSON.stringify({ detail: "a b ".repeat(5000) })));
    expect(message.length).toBeLessThan(600);
  });

  it("of an unexpected shape leaves a create uncertain and names the place", () => {
    expect(unexpectedAnswer(asked("create"), "_embedded.leads")).toMatchObject({
      verdict: "uncertain",
      fault: { code: "unexpected_answer", message: expect.stringContaining("_embedded.leads") },
    });
    expect(unexpectedAnswer(asked("read"), "id").verdict).toBe("retry");
  });
});
