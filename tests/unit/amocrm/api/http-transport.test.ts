import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import * as requests from "#shared/amocrm/api/read-requests.ts";
import { FILTER_IDS_MAX } from "#shared/amocrm/rules/limits.ts";
import { createStaticTokens } from "#shared/amocrm/tokens/static-token.ts";
import { CREATE, READ } from "../support/requests.ts";
import { BASE_URL, openSlots, SECRET_TOKEN, stillClock, transportTo } from "../support/transport.ts";

const ANY_URL = `${BASE_URL}/*`;

describe("the HTTP transport, with amoCRM played by msw,", () => {
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());

  /** Answers everything with `{}` and keeps the requests. */
  function keepRequests(): Request[] {
    const requests: Request[] = [];
    server.use(
      http.all(ANY_URL, ({ request }) => {
        requests.push(request.clone());
        return HttpResponse.json({});
      }),
    );
    return requests;
  }

  it("sends token, user agent and JSON", async () => {
    const bodies: unknown[] = [];
    const requests: Request[] = [];
    server.use(
      http.all(ANY_URL, async ({ request }) => {
        requests.push(request);
        // Read while the request is under way: afterwards its body is gone.
        bodies.push(await request.json());
        return HttpResponse.json({});
      }),
    );
    await transportTo().send(CREATE);
    const [request] = requests;
    expect(request?.headers.get("authorization")).toBe(`Bearer ${SECRET_TOKEN}`);
    expect(request?.headers.get("user-agent")).toMatch(/^supabase-amocrm\//);
    expect(request?.headers.get("content-type")).toBe("application/json");
    expect(bodies).toEqual([[{ name: "Anna" }]]);
  });

  it("sends a read without a body and without its type", async () => {
    const requests = keepRequests();
    await transportTo().send(READ);
    expect(requests[0]?.headers.has("content-type")).toBe(false);
    expect(requests[0]?.body).toBeNull();
  });

  it("encodes values of the query so that they arrive as they are", async () => {
    const requests = keepRequests();
    const query = "a+b&c=d #ё@почта.example";
    await transportTo().send({ ...READ, query: [["query", query]] });
    expect(new URL(requests[0]?.url ?? "").searchParams.get("query")).toBe(query);
  });

  it.each([
    ["contacts", requests.contactsRequest],
    ["deals", requests.dealsRequest],
    ["notes", (ids: number[]) => requests.notesRequest("contacts", ids, 20)],
    ["tasks", (ids: number[]) => requests.tasksRequest("contacts", ids, 20)],
  ])(
    "keeps the address of as many %s as may be named below 6 kB, however long their ids are",
    async (_, requestOf) => {
      const seen = keepRequests();
      const ids = Array.from({ length: FILTER_IDS_MAX }, (_id, index) => Number.MAX_SAFE_INTEGER - index);
      await transportTo().send(requestOf(ids));
      expect(seen[0]?.url.length).toBeLessThan(6_000);
      expect(seen[0]?.url).toContain(`[]=${ids.at(-1)}&`);
      expect(() => requestOf([...ids, ...ids])).toThrow(RangeError);
    },
  );

  it("hands over status, body, Retry-After, its own date and the time of the answer", async () => {
    server.use(
      http.all(ANY_URL, () => new HttpResponse("<html>", { status: 429, headers: { "retry-after": "7" } })),
    );
    expect(await transportTo().send(READ)).toEqual({
      kind: "answered",
      httpStatus: 429,
      body: "<html>",
      bodyFault: null,
      date: null,
      retryAfter: "7",
      answeredAtMs: stillClock.nowMs(),
      durationMs: 0,
      waitedMs: 0,
    });
  });

  it("reads a 204 as an empty body", async () => {
    server.use(http.all(ANY_URL, () => new HttpResponse(null, { status: 204 })));
    expect(await transportTo().send(READ)).toMatchObject({ httpStatus: 204, body: "", bodyFault: null });
  });

  it("does not follow a redirect, which would show the token to another host", async () => {
    server.use(
      http.all(
        ANY_URL,
        () => new HttpResponse(null, { status: 301, headers: { location: "https://elsewhere.test/" } }),
      ),
    );
    expect(await transportTo().send(CREATE)).toMatchObject({ kind: "answered", httpStatus: 301 });
  });

  it("takes the slot after everything else is ready and sends at once", async () => {
    const events: string[] = [];
    const transport = transportTo({
      tokens: {
        accessToken: async () => {
          events.push("token");
          return { ok: true, token: SECRET_TOKEN };
        },
      },
      slots: {
        take: async (purpose) => {
          events.push(`slot for ${purpose}`);
          return { granted: true, waitedMs: 1_900 };
        },
      },
      fetch: async () => {
        events.push("request");
        return new Response("{}");
      },
    });
    expect(await transport.send(READ)).toMatchObject({ waitedMs: 1_900 });
    expect(events).toEqual(["token", "slot for search_contacts", "request"]);
  });

  it("takes a slot for every request", async () => {
    keepRequests();
    const purposes: string[] = [];
    const transport = transportTo({
      slots: {
        take: (purpose) => {
          purposes.push(purpose);
          return openSlots.take(purpose);
        },
      },
    });
    await transport.send(READ);
    await transport.send(CREATE);
    await transport.send(READ);
    expect(purposes).toEqual(["search_contacts", "create_contacts", "search_contacts"]);
  });

  it("sends nothing when the slot is refused", async () => {
    const requests = keepRequests();
    const refusal = {
      granted: false,
      code: "breaker_open",
      message: "The breaker is open",
      waitMs: 60_000,
    } as const;
    const outcome = await transportTo({ slots: { take: async () => refusal } }).send(CREATE);
    expect(outcome).toMatchObject({
      kind: "not_sent",
      refusedBy: "slot",
      code: "breaker_open",
      waitMs: 60_000,
    });
    expect(requests).toHaveLength(0);
  });

  it.each([[null], [""]])("sends nothing and takes no slot without a token (%j)", async (token) => {
    const requests = keepRequests();
    const slots = { take: () => Promise.reject(new Error("a slot was taken")) };
    const outcome = await transportTo({ tokens: createStaticTokens(token), slots }).send(CREATE);
    expect(outcome).toMatchObject({
      kind: "not_sent",
      refusedBy: "token",
      code: "access_token_missing",
      message: expect.stringContaining("AMOCRM_ACCESS_TOKEN"),
    });
    expect(requests).toHaveLength(0);
  });

  it("names the setting and not the token when the token fits into no header", async () => {
    const outcome = await transportTo({ tokens: createStaticTokens("bad\ntoken") }).send(CREATE);
    expect(outcome).toMatchObject({ kind: "not_sent", code: "access_token_malformed" });
    expect(JSON.stringify(outcome)).not.toContain("bad");
  });

  it("puts characters together that were split between two chunks", async () => {
    const bytes = new TextEncoder().encode('"ё"');
    const fetch = async () =>
      new Response(
        new ReadableStream({
          start: (controller) => {
            controller.enqueue(bytes.slice(0, 2));
            controller.enqueue(bytes.slice(2));
            controller.close();
          },
        }),
      );
    expect(await transportTo({ fetch }).send(READ)).toMatchObject({ body: '"ё"' });
  });
});

it("createHttpTransport keeps a path in the base URL and takes no second slash", async () => {
  const urls: string[] = [];
  const fetch = async (url: string) => {
    urls.push(url);
    return new Response("{}");
  };
  await transportTo({ baseUrl: "http://127.0.0.1:8080/proxy/", fetch }).send(READ);
  expect(urls).toEqual(["http://127.0.0.1:8080/proxy/api/v4/contacts"]);
});

it("createHttpTransport refuses a base URL that is none", () => {
  const parts = { fetch, slots: openSlots, tokens: createStaticTokens("t"), clock: stillClock };
  expect(() => createHttpTransport({ ...parts, baseUrl: "account" })).toThrow(TypeError);
});
