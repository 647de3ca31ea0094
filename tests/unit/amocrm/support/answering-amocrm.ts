import { HttpResponse, http, type JsonBodyType } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type AmocrmClient, createAmocrmClient } from "#shared/amocrm/api/client.ts";
import type { Answer } from "#shared/amocrm/api/verdict.ts";
import { BASE_URL, transportTo } from "./transport.ts";

interface SeenRequest {
  method: string;
  url: URL;
  /** The parsed JSON body; undefined without one. */
  body: unknown;
}

export interface AnsweringAmocrm {
  client: AmocrmClient;
  /** The requests of the running test, in order. */
  requests: SeenRequest[];
  answerWith(body: JsonBodyType, status?: number): void;
  answerBy(response: () => Response): void;
}

/** An amoCRM of msw that gives whatever answer the test wants, for the tests of one file. */
export function playAmocrm(): AnsweringAmocrm {
  const server = setupServer();
  const requests: SeenRequest[] = [];
  beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
  afterEach(() => {
    server.resetHandlers();
    requests.length = 0;
  });
  afterAll(() => server.close());

  function answerBy(response: () => Response): void {
    server.use(
      http.all(`${BASE_URL}/*`, async ({ request }) => {
        const text = await request.text();
        requests.push({
          method: request.method,
          url: new URL(request.url),
          body: text === "" ? undefined : JSON.parse(text),
        });
        return response();
      }),
    );
  }
  return {
    client: createAmocrmClient(transportTo()),
    requests,
    answerBy,
    answerWith: (body, status = 200) => answerBy(() => HttpResponse.json(body, { status })),
  };
}

/** A HAL list as amoCRM answers it. */
export function list(key: string, rows: JsonBodyType[], next = false): JsonBodyType {
  return {
    _links: { self: { href: "x" }, ...(next ? { next: { href: "y" } } : {}) },
    _embedded: { [key]: rows },
  };
}

/** The value of an answer that must be one; the test fails on a fault and names it. */
export function delivered<T>(answer: Answer<T>): T {
  if (answer.verdict === "delivered") return answer.value;
  throw new Error(`expected a value, got ${answer.verdict} ${answer.fault.code}: ${answer.fault.message}`);
}
