import { describe, expect, it } from "vitest";
import { classify } from "#shared/amocrm/api/classify.ts";
import { createSessionTransport } from "#shared/amocrm/api/session-transport.ts";
import { SESSION_WORDS } from "#shared/amocrm/api/session-words.ts";
import type { AmocrmRequest } from "#shared/amocrm/api/transport.ts";
import type { Admission } from "#shared/amocrm/tokens/session-admission.ts";
import type { Fetch } from "#shared/platform/http/exchange.ts";
import { recognise } from "#shared/watch/all-said.ts";
import { STAND_IN_SECRET, STAND_IN_URL } from "#tests/support/session-stand-in.ts";
import { playService } from "../../session-service/support/service.ts";
import { openSlots, stillClock } from "../support/transport.ts";

const CREATE: AmocrmRequest = {
  method: "POST",
  methodClass: "create",
  path: "/api/v4/leads",
  query: [],
  body: [{ name: "Lead" }],
  requestIds: ["0"],
  itemCount: 1,
  timeoutMs: 10_000,
  purpose: "create_deals",
};
const READ: AmocrmRequest = {
  ...CREATE,
  method: "GET",
  methodClass: "read",
  body: null,
  path: "/api/v4/account",
};
const GRANTED: Admission = { ok: true, accountId: 5_550_001 };

function transportOver(fetch: Fetch, admission: Admission = GRANTED, secret = STAND_IN_SECRET) {
  return createSessionTransport({
    session: { url: STAND_IN_URL, secret },
    slots: openSlots,
    admission: async () => admission,
    fetch,
    clock: stillClock,
  });
}

/** What the drain makes of it: verdict, code, and whether it may count against the message. */
async function verdictOf(fetch: Fetch, request = CREATE, admission = GRANTED, secret = STAND_IN_SECRET) {
  const classified = classify(request, await transportOver(fetch, admission, secret).send(request));
  if (classified.verdict === "delivered") return ["delivered"];
  const { code, causeCode, isSent, message } = classified.fault;
  // Whoever reads Russian reads this in Russian.
  if (causeCode !== null) expect(recognise(message).ru).toMatch(/[а-яё]/i);
  return [classified.verdict, causeCode ?? code, isSent];
}

const refusedWith =
  (mark: string | null, status: number, body: unknown = {}): Fetch =>
  async () =>
    new Response(JSON.stringify(body), {
      status,
      headers: mark === null ? {} : { "x-amocrm-session": mark },
    });

describe("the transport through a session service", () => {
  it("carries calls as any other, tells for which account, and for how long they may wait", async () => {
    const played = playService();
    const seen: Headers[] = [];
    const listening: Fetch = (url, init) => {
      seen.push(new Headers(init.headers));
      return played.standIn.fetch(url, init);
    };
    expect(await verdictOf(listening)).toEqual(["delivered"]);
    expect(await verdictOf(listening, READ)).toEqual(["delivered"]);
    expect(played.simulator.state.deals()).toHaveLength(1);
    expect(Object.fromEntries(seen[0] ?? [])).toMatchObject({
      authorization: `Bearer ${STAND_IN_SECRET}`,
      "x-amocrm-account": "5550001",
      prefer: "wait=8",
    });
  });

  it.each([
    ["signed_out", 503, "signed_out"],
    ["needs_person", 503, "needs_person"],
    ["other_account", 409, "other_account"],
    ["wrong_secret", 401, "session_secret_refused"],
    ["stopping", 503, "session_unreachable"],
    [null, 200, "session_unknown"],
    [null, 401, "session_unknown"],
    [null, 404, "session_unknown"],
  ])(
    "stops the sending at what reached nobody, and holds it against no message: %s %s",
    async (mark, status, code) => {
      expect(await verdictOf(refusedWith(mark, status))).toEqual(["blocked", code, false]);
    },
  );

  it("does the same where the service is not there", async () => {
    const played = playService();
    played.standIn.kill();
    expect(await verdictOf(played.standIn.fetch)).toEqual(["blocked", "session_unreachable", false]);
    expect(SESSION_WORDS.unreachable(STAND_IN_URL)).toBe("service not reachable: http://127.0.0.1:3002");
  });

  it.each([
    ["amocrm_unreachable", 502, ["retry", "connection_failed", false]],
    ["amocrm_lost", 502, ["uncertain", "connection_lost", true]],
    ["body_too_large", 413, ["uncertain", "payload_too_large", true]],
    [null, 502, ["uncertain", "server_error", true]],
    [null, 504, ["uncertain", "gateway_timeout", true]],
  ])("judges a create as everywhere by whether it may have left: %s %s", async (mark, status, verdict) => {
    expect(await verdictOf(refusedWith(mark, status))).toEqual(verdict);
  });

  it("looks for a create whose service died in mid-call", async () => {
    const played = playService();
    played.simulator.control.addFaults({ kind: "slow", ms: 1_000, path: "/api/v4/*" });
    const sent = verdictOf(played.standIn.fetch);
    for (let turn = 0; turn < 200 && played.asked.length === 0; turn++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    played.standIn.kill();
    expect(await sent).toEqual(["uncertain", "connection_lost", true]);
  });

  it.each([
    ["password", null],
    ["second_factor", null],
    ["robot_check", null],
    ["needs_person", "account_choice"],
    ["needs_person", "page_changed"],
    ["needs_person", "session_refused"],
    ["needs_person", "browser_missing"],
    ["something new", null],
  ])("says in words of its own why a person is needed: %s %s", async (state, reason) => {
    const body = { state, reason, message: "at /home/somebody/secret.png" };
    const outcome = await transportOver(refusedWith("needs_person", 503, body)).send(CREATE);
    expect(outcome).toMatchObject({ kind: "not_sent", code: "needs_person" });
    if (outcome.kind !== "not_sent") return;
    expect(outcome.message).toMatch(/^The session service needs a person: /);
    expect(outcome.message).not.toContain("somebody");
    expect(recognise(outcome.message).ru).toMatch(/^Сервису сессии нужен человек: .*[а-яё]/);
  });

  it("sends nothing that is not admitted, and no secret that no header can carry", async () => {
    const never: Fetch = async () => {
      throw new Error("This was not to leave");
    };
    const other: Admission = { ok: false, code: "foreign_project", message: "This database is a copy" };
    expect((await transportOver(never, other).send(CREATE)).kind).toBe("not_sent");
    expect(await verdictOf(never, CREATE, GRANTED, "line\nbreak")).toEqual([
      "blocked",
      "session_secret_refused",
      false,
    ]);
  });
});
