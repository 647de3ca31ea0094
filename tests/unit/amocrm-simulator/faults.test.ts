import { describe, expect, it } from "vitest";
import { SimulatedReset } from "#dev/amocrm-simulator/http.ts";
import { complexItem, makeDeal, ORIGIN, openAccount } from "./support/account.ts";
import { settle } from "./support/virtual-clock.ts";

describe("a fault that refuses", () => {
  it.each([
    [
      "rate_limit as JSON",
      { kind: "rate_limit", body: "json", retry_after_s: 9 },
      429,
      "application/problem+json",
    ],
    ["rate_limit as HTML", { kind: "rate_limit", body: "html" }, 429, "text/html"],
    ["rate_limit with nothing", { kind: "rate_limit", body: "empty" }, 429, null],
    ["500", { kind: "status", status: 500 }, 500, "application/problem+json"],
    ["500 as HTML", { kind: "status", status: 500, body: "html" }, 500, "text/html"],
    ["502", { kind: "status", status: 502 }, 502, "text/html"],
    ["504", { kind: "status", status: 504 }, 504, "text/html"],
    ["unpaid", { kind: "unpaid" }, 402, "application/problem+json"],
    ["unauthorized", { kind: "unauthorized" }, 401, "application/problem+json"],
    ["forbidden", { kind: "forbidden" }, 403, "application/problem+json"],
  ] as const)("answers as it is told and writes nothing: %s", async (_name, fault, status, type) => {
    const account = openAccount();
    account.sim.control.addFaults({ ...fault, times: 1 });
    const reply = await account.post("/api/v4/leads/complex", [complexItem()]);
    expect([reply.status, reply.headers.get("content-type")]).toEqual([status, type]);
    expect(account.sim.state.counts().deals).toBe(0);
    expect(account.sim.log.entries().at(-1)).toMatchObject({ status, fault: fault.kind });
    expect((await account.get("/api/v4/account")).status).toBe(200);
  });

  it("blocks until the block is lifted, even after the fault is gone", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "block", times: 1 });
    for (let turn = 0; turn < 3; turn++) expect((await account.get("/api/v4/account")).status).toBe(403);
    account.sim.control.liftBlock();
    expect((await account.get("/api/v4/account")).status).toBe(200);
  });
});

describe("which requests a fault strikes", () => {
  it("is narrowed by method and path pattern, and counted", async () => {
    const account = openAccount();
    account.sim.control.addFaults({
      kind: "unpaid",
      method: "POST",
      path: "/api/v4/leads/*",
      times: 1,
      skip: 1,
    });
    const complex = async () => (await account.post("/api/v4/leads/complex", [{}])).status;
    expect((await account.get("/api/v4/leads/notes")).status).toBe(204);
    expect((await account.post("/api/v4/leads", [{}])).status).toBe(200);
    expect([await complex(), await complex(), await complex()]).toEqual([200, 402, 200]);
    expect(account.sim.control.faults()).toEqual([]);
  });

  it("is drawn by probability", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "unpaid", probability: 0.3 });
    const statuses = await Promise.all(Array.from({ length: 500 }, () => account.get("/api/v4/account")));
    const hitCount = statuses.filter((reply) => reply.status === 402).length;
    expect(hitCount).toBeGreaterThan(100);
    expect(hitCount).toBeLessThan(200);
  });

  it("is the first fault that fits; the next one waits its turn", async () => {
    const account = openAccount();
    const [first] = account.sim.control.addFaults(
      { kind: "unpaid", times: 1 },
      { kind: "status", status: 500 },
    );
    expect((await account.get("/x")).status).toBe(402);
    expect((await account.get("/x")).status).toBe(500);
    expect(account.sim.control.faults().map(({ id }) => id)).toEqual([(first?.id ?? 0) + 1]);
    account.sim.control.clearFaults();
    expect((await account.get("/x")).status).toBe(404);
  });

  it("leaves a fault unspent when the rate limit refused the request first", async () => {
    const account = openAccount({ rate: { requests_per_second: 1 } });
    await account.get("/api/v4/account");
    account.sim.control.addFaults({ kind: "unpaid", times: 1 });
    expect((await account.get("/api/v4/account")).status).toBe(429);
    await account.clock.advance(1000);
    expect((await account.get("/api/v4/account")).status).toBe(402);
  });

  it("is refused for an unknown kind, an unknown member, a status below 400", () => {
    const { control } = openAccount().sim;
    expect(() => control.addFaults({ kind: "rain" } as never)).toThrow();
    expect(() => control.addFaults({ kind: "unpaid", often: true } as never)).toThrow(/often/);
    expect(() => control.addFaults({ kind: "status", status: 200 })).toThrow(/400/);
  });
});

describe("a connection that breaks", () => {
  const send = (account: ReturnType<typeof openAccount>, init: RequestInit = {}) =>
    account.send("POST", "/api/v4/leads/complex", { body: JSON.stringify([complexItem()]), ...init });

  it("before the work rejects with a reset and writes nothing", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "reset", times: 1 });
    const error = await send(account).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SimulatedReset);
    expect(error).toMatchObject({ code: "ECONNRESET", afterWrite: false });
    expect(account.sim.state.counts().deals).toBe(0);
  });

  it("after the work rejects with a reset and has written", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "lost_answer", times: 1 });
    await expect(send(account)).rejects.toMatchObject({ code: "ECONNRESET", afterWrite: true });
    expect(account.sim.state.counts().deals).toBe(1);
    expect(account.sim.log.entries().at(-1)).toMatchObject({
      ending: "reset",
      status: 200,
      fault: "lost_answer",
    });
  });

  it.each([
    ["hang", { kind: "hang" }, 0],
    ["lost answer that hangs", { kind: "lost_answer", ending: "hang" }, 1],
  ] as const)("without a sign (%s) ends with the client's own abort", async (_name, fault, deals) => {
    const account = openAccount();
    account.sim.control.addFaults({ ...fault, times: 1 });
    const abort = new AbortController();
    const sent = send(account, { signal: abort.signal });
    const outcome = sent.catch((error: unknown) => error);
    await account.clock.advance(30_000);
    abort.abort(new Error("client timeout"));
    expect(await outcome).toMatchObject({ message: "client timeout" });
    expect(account.sim.state.counts().deals).toBe(deals);
  });

  it("without a sign and without an abort ends as a reset at hang_max_ms", async () => {
    const account = openAccount({ hang_max_ms: 60_000 });
    account.sim.control.addFaults({ kind: "hang" });
    const outcome = account.get("/api/v4/account").catch((error: unknown) => error);
    await account.clock.advance(60_000);
    expect(await outcome).toBeInstanceOf(SimulatedReset);
  });
});

describe("an answer that is spoilt", () => {
  it("lacks items that were written", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "missing_items", method: "POST", times: 2 });
    const bare = await account.post("/api/v4/leads/complex", [{ request_id: "a" }, { request_id: "b" }]);
    expect(bare.json).toMatchObject([{ request_id: ["b"] }]);
    const listed = await account.post("/api/v4/contacts", [{ request_id: "a" }, { request_id: "b" }]);
    expect(listed.json._embedded.contacts).toMatchObject([{ request_id: "b" }]);
    expect(account.sim.state.counts()).toMatchObject({ deals: 2, contacts: 2 });
  });

  it("breaks off half-way", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "cut_body", times: 1 });
    const response = await account.sim.fetch(`${ORIGIN}/api/v4/account`, {
      headers: { authorization: `Bearer ${account.sim.accessToken}` },
    });
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  it("is an error though the work was done, with after_write", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "status", status: 502, after_write: true, times: 1 });
    expect((await account.post("/api/v4/leads", [{}])).status).toBe(502);
    expect(account.sim.state.counts().deals).toBe(1);
  });
});

describe("the time an answer takes", () => {
  it("grows with the items of a write and the rows of a list", async () => {
    const account = openAccount({ duration: { base_ms: 100, per_item_ms: 20, per_row_ms: 10 } });
    const took = async (ask: () => Promise<unknown>) => {
      const sent = ask();
      await account.clock.advance(60_000);
      await sent;
      return account.sim.log.entries().at(-1)?.duration_ms;
    };
    expect(await took(() => account.post("/api/v4/leads", [{}, {}, {}]))).toBe(160);
    expect(await took(() => account.get("/api/v4/leads"))).toBe(130);
  });

  it("is stretched by a slow fault", async () => {
    const account = openAccount();
    account.sim.control.addFaults({ kind: "slow", ms: 7000, times: 1 });
    const sent = account.get("/api/v4/account");
    await account.clock.advance(6999);
    expect(account.sim.log.entries().at(-1)?.ending).toBe("open");
    await account.clock.advance(1);
    expect((await sent).status).toBe(200);
  });

  it("commits at the set part of it, even when the client has gone", async () => {
    const account = openAccount({ duration: { base_ms: 10_000, commit_fraction: 0.8 } });
    const abort = new AbortController();
    const sent = account.send("POST", "/api/v4/leads", { body: "[{}]", signal: abort.signal });
    const outcome = sent.catch((error: Error) => error.name);
    await account.clock.advance(5000);
    abort.abort();
    expect(await outcome).toBe("AbortError");
    expect(account.sim.state.counts().deals).toBe(0);
    await account.clock.advance(3000);
    await settle();
    expect(account.sim.state.counts().deals).toBe(1);
  });

  it.each([
    [true, 1],
    [false, 0],
  ])(
    "ends in a 504 page over the set limit, written or not as set (%s)",
    async (timeout_504_writes, deals) => {
      const duration = { per_item_ms: 300, timeout_504_over_ms: 1000, timeout_504_writes };
      const account = openAccount({ duration });
      const few = account.post("/api/v4/leads", [{}, {}, {}]);
      await account.clock.advance(1000);
      expect((await few).status).toBe(200);
      const many = account.post(
        "/api/v4/leads",
        Array.from({ length: 4 }, () => ({})),
      );
      await account.clock.advance(1000);
      const reply = await many;
      expect([reply.status, reply.headers.get("content-type")]).toEqual([504, "text/html"]);
      expect(account.sim.state.counts().deals).toBe(3 + deals * 4);
    },
  );
});

describe("switches of the whole account", () => {
  it.each([
    ["an unpaid account", { is_paid: false }, 402],
    ["an integration that is off", { is_integration_enabled: false }, 401],
  ] as const)("refuse everything: %s", async (_name, patch, status) => {
    const account = openAccount();
    await makeDeal(account);
    account.sim.control.patchSettings(patch);
    expect((await account.get("/api/v4/leads")).status).toBe(status);
  });
});
