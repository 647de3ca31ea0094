import { beforeEach, describe, expect, test } from "vitest";
import { createCounter } from "#shared/links/go/counter.ts";
import { answerGo } from "#shared/links/go/endpoint.ts";
import type { Hit, LinkStore, OpenedLink } from "#shared/links/go/port.ts";
import type { Clock } from "#shared/platform/clock.ts";
import { UnstorableError } from "#shared/platform/rpc.ts";

let now: number;
let waits: number[];
let logged: string[];
let counted: (Hit & { age_ms: number })[];
let calls: number;
let background: Promise<unknown>[];
let link: OpenedLink | null;
let open: LinkStore["open"];
let count: LinkStore["count"];

/** Its waits are over at once, and time passes by them; `open` is no wait of the counter's. */
const clock: Clock = {
  nowMs: () => now,
  sleep: (ms, signal) =>
    signal === undefined
      ? Promise.resolve().then(() => {
          waits.push(ms);
          now += ms;
        })
      : new Promise(() => {}),
};
const log = (_level: string, event: string) => void logged.push(event);
const store: LinkStore = { open: (code) => open(code), count: (hits) => count(hits) };
const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

let counter: ReturnType<typeof createCounter>;
beforeEach(() => {
  now = 1_000_000;
  [waits, logged, counted, background, calls] = [[], [], [], [], 0];
  link = { target_url: "https://school.example/a", is_expired: false };
  open = async () => link;
  count = async (hits) => {
    calls++;
    counted.push(...hits);
  };
  counter = createCounter({ clock, log });
});

async function go(
  place = "abcdefghjk",
  { method = "GET", fallback }: { method?: string; fallback?: string } = {},
): Promise<Response> {
  return await answerGo(
    new Request(`https://p.example/go/${place}`, {
      method,
      headers: { "user-agent": AGENT, "x-forwarded-for": "203.0.113.7", cookie: "a=b" },
    }),
    {
      store,
      counter,
      workOn: (promise) => void background.push(promise),
      newId: () => `id-${background.length}`,
      fallbackUrl: fallback,
      clock,
      log,
    },
  );
}
const told = (response: Response) => [response.status, response.headers.get("location")];

describe("a short link", () => {
  test("leads on, kept by no cache, and is counted after the answer", async () => {
    const response = await go();
    expect(told(response)).toEqual([302, "https://school.example/a"]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    await Promise.all(background);
    expect(counted).toEqual([
      {
        id: "id-0",
        code: "abcdefghjk",
        agent: AGENT,
        verdict: "human",
        reason: "browser",
        headers: { "x-forwarded-for": "203.0.113.7" },
        age_ms: 0,
      },
    ]);
  });

  test("leads to an address in letters that no header may have", async () => {
    link = { target_url: "https://школа.рф/курс?имя=я#part", is_expired: false };
    expect(told(await go())[1]).toMatch(
      /^https:\/\/xn--80atdl2c\.xn--p1ai\/%D0%BA[%A-F0-9]+\?[%A-F0-9]+=%D1%8F#part$/i,
    );
  });

  test.each([
    ["javascript:alert(1)"],
    ["data:text/html,x"],
    ["//elsewhere.example"],
    ["file:///etc/passwd"],
    [""],
  ])("leads nowhere by another scheme, should one ever stand in the table: %s", async (target) => {
    link = { target_url: target, is_expired: false };
    expect(told(await go())).toEqual([404, null]);
    expect(logged).toEqual(["go_target_refused"]);
  });

  test("that nobody knows is 404, and nothing is counted", async () => {
    link = null;
    const response = await go("abcdefghjk?target=https://elsewhere.example");
    expect(told(response)).toEqual([404, null]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(background).toEqual([]);
  });

  test.each([[""], ["a/b"], ["%2e%2e"], ["a".repeat(65)], ["https://elsewhere.example"]])(
    "of no possible shape is 404 without a question: %s",
    async (place) => {
      open = () => {
        throw new Error("asked");
      };
      expect((await go(place)).status).toBe(404);
    },
  );

  test("that has expired leads to the fallback, else is gone", async () => {
    link = { target_url: "https://school.example/a", is_expired: true };
    expect(told(await go("x", { fallback: "https://school.example/" }))).toEqual([
      302,
      "https://school.example/",
    ]);
    expect(told(await go("x"))).toEqual([410, null]);
    expect(told(await go("x", { fallback: "school.example" }))).toEqual([410, null]);
  });

  test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("answers nothing else: %s", async (method) => {
    const response = await go("x", { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(background).toEqual([]);
  });

  test("answers HEAD as GET, without a body, and takes it for no person", async () => {
    expect(told(await go("x", { method: "HEAD" }))).toEqual([302, "https://school.example/a"]);
    await Promise.all(background);
    expect(counted.map(({ verdict }) => verdict)).toEqual(["scanner"]);
    link = null;
    expect(await (await go("x", { method: "HEAD" })).text()).toBe("");
  });

  test("is asked for again while the store is down", async () => {
    open = () => Promise.reject(new Error("down"));
    const response = await go();
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(logged).toEqual(["go_failed"]);
  });
});

describe("counting", () => {
  test("goes on later while nothing can be counted, each hit on its own second and under its own id", async () => {
    let failures = 2;
    const store = count;
    count = async (hits) => (failures-- > 0 ? Promise.reject(new Error("locked")) : store(hits));
    await go();
    await go();
    await Promise.all(background);
    expect(waits).toEqual([300, 1000]);
    expect(counted.map(({ id, age_ms }) => [id, age_ms])).toEqual([
      ["id-0", 1300],
      ["id-1", 1000],
    ]);
    expect(logged).toEqual([]);
  });

  test("asks the database once at a time, however many clicks come", async () => {
    let release = () => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = count;
    count = async (hits) => {
      await store(hits);
      await first;
    };
    for (let click = 0; click < 250; click++) await go();
    expect(calls).toBe(1);
    release();
    await Promise.all(background);
    expect([calls, counted.length]).toEqual([4, 250]);
  });

  test("is given up in the end, said in the log, and hinders no later click", async () => {
    const store = count;
    count = () => Promise.reject(new Error("down"));
    await go();
    await Promise.all(background);
    expect(logged).toEqual(["go_not_counted"]);
    count = store;
    await go();
    await Promise.all(background);
    expect(counted).toHaveLength(1);
  });

  test("of what the database refuses is not tried again", async () => {
    count = () => Promise.reject(new UnstorableError("link_count", "22023", "no", null));
    await go();
    await Promise.all(background);
    expect([waits, logged]).toEqual([[], ["go_not_counted"]]);
  });

  test("keeps a thousand waiting and no more", async () => {
    count = () => new Promise(() => {});
    for (let click = 0; click < 1110; click++) expect((await go()).status).toBe(302);
    // One batch of a single click is on its way, a thousand wait.
    expect(logged).toHaveLength(109);
  });
});
