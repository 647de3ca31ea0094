import { describe, expect, test } from "vitest";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator } from "#dev/amocrm-simulator/simulator.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import { noteOf } from "#shared/amocrm/api/note-exchange.ts";
import { withRequestLog } from "#shared/amocrm/api/request-log.ts";
import { createRequestLog } from "#shared/amocrm/api/request-log-store.ts";
import { createStaticTokens } from "#shared/amocrm/tokens/static-token.ts";
import type { SlotAnswer } from "#shared/outbox/slots.ts";
import { systemClock } from "#shared/platform/clock.ts";
import { createFakeRequestLog } from "../../support/request-log.ts";

const ENTRY = {
  departedAtMs: 900,
  method: "GET",
  path: "/api/v4/contacts",
  httpStatus: 200,
  verdict: "delivered" as const,
  errorCode: null,
  durationMs: 12.4,
  waitedMs: 3,
  itemCount: 1,
  messageIds: [7],
};

function watched(slot: SlotAnswer = { granted: true, waitedMs: 40 }, messageIds: number[] = []) {
  const simulator = createSimulator({ settings: UNLIMITED_SETTINGS });
  const log = createFakeRequestLog();
  const transport = createHttpTransport({
    baseUrl: "https://sim.amocrm.ru",
    fetch: simulator.fetch,
    slots: { take: async () => slot },
    tokens: createStaticTokens(simulator.accessToken),
    clock: systemClock,
  });
  const client = withRequestLog(createAmocrmClient(transport), log, () => 1_000_000, messageIds);
  return { simulator, log, client };
}

describe("a watched client", () => {
  test("answers as the client does, and notes the request with its messages and without what was asked", async () => {
    const { log, client } = watched(undefined, [7, 8]);
    const answer = await client.searchContacts("ann@example.com");
    expect(answer.verdict).toBe("delivered");
    expect(log.requests).toMatchObject([
      {
        method: "GET",
        path: "/api/v4/contacts",
        verdict: "delivered",
        errorCode: null,
        waitedMs: 40,
        messageIds: [7, 8],
      },
    ]);
    expect(log.requests[0]?.departedAtMs).toBeLessThanOrEqual(1_000_000);
    expect(JSON.stringify(log.requests)).not.toContain("ann");
  });

  test("notes the status and code of a refusal", async () => {
    const { simulator, log, client } = watched();
    simulator.control.addFaults({ kind: "rate_limit", method: "GET", path: "/api/v4/account" });
    await client.account();
    expect(log.requests).toMatchObject([{ httpStatus: 429, verdict: "retry", errorCode: "rate_limited" }]);
  });

  test("notes nothing of a request that got no slot: it never left", async () => {
    const { log, client } = watched({ granted: false, code: "paused", message: "paused", waitMs: null });
    expect((await client.account()).verdict).toBe("retry");
    expect(log.requests).toEqual([]);
  });
});

test("an exchange past the client is noted by its path alone", () => {
  const log = createFakeRequestLog();
  const seen = noteOf(log, () => 5000);
  const answered = {
    kind: "answered",
    body: "",
    bodyFault: null,
    retryAfter: null,
    answeredAtMs: 0,
  } as const;
  seen("POST", "https://x.amocrm.ru/oauth2/access_token?secret=1", {
    ...answered,
    httpStatus: 200,
    durationMs: 250,
  });
  seen("POST", "https://x.amocrm.ru/oauth2/access_token", { ...answered, httpStatus: 401, durationMs: 1 });
  seen("GET", "https://x.amocrm.ru/a", { kind: "failed", reason: "timeout", phase: "after", durationMs: 1 });
  expect(log.requests).toMatchObject([
    { path: "/oauth2/access_token", httpStatus: 200, verdict: "delivered", departedAtMs: 4750 },
    { httpStatus: 401, verdict: "rejected" },
    { httpStatus: null, verdict: "uncertain", errorCode: "timeout" },
  ]);
  expect(JSON.stringify(log.requests)).not.toContain("secret");
});

describe("the log of a function", () => {
  test("writes what has gathered in one call, by how long ago it was, and begins anew", async () => {
    const calls: unknown[] = [];
    const log = createRequestLog(
      async (name, args) => void calls.push([name, args]),
      "amocrm-drain",
      () => 1000,
      () => {},
    );
    await log.flush();
    log.note(ENTRY);
    log.note({ ...ENTRY, departedAtMs: 2000 });
    await log.flush();
    await log.flush();
    expect(calls).toEqual([
      [
        "amocrm_log_requests",
        {
          p_function: "amocrm-drain",
          p_requests: [
            expect.objectContaining({ ago_ms: 100, duration_ms: 12, message_ids: [7] }),
            expect.objectContaining({ ago_ms: 0 }),
          ],
        },
      ],
    ]);
  });

  test("loses what cannot be written, and says so, and nothing else", async () => {
    const events: string[] = [];
    const rpc = async () => {
      throw new Error("Cannot call amocrm_log_requests: 42P01");
    };
    const log = createRequestLog(
      rpc,
      "amocrm-drain",
      () => 1000,
      (_level, event) => void events.push(event),
    );
    log.note(ENTRY);
    await expect(log.flush()).resolves.toBeUndefined();
    expect(events).toEqual(["requests_not_logged"]);
  });

  test("does not grow without end", async () => {
    let written = 0;
    const rpc = async (_name: string, args: Readonly<Record<string, unknown>> = {}) => {
      written = (args["p_requests"] as unknown[]).length;
    };
    const log = createRequestLog(
      rpc,
      "amocrm-drain",
      () => 1000,
      () => {},
    );
    for (let count = 0; count < 5000; count++) log.note(ENTRY);
    await log.flush();
    expect(written).toBe(1000);
  });
});
