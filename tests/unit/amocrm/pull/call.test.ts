import { describe, expect, it } from "vitest";
import { completePulling, createPulling, refused } from "./support/pulling.ts";

describe("a pull steps aside", () => {
  it("while leads are due, and goes on when they are through", async () => {
    const pulling = createPulling({ contacts: 10, deals: 0 });
    const free = pulling.pace.slot;
    pulling.pace.slot = refused("live_due");
    const sleep = pulling.clock.sleep;
    let waits = 0;
    pulling.clock.sleep = (ms, signal) => {
      if (signal === undefined && ms === 1000 && ++waits === 3) pulling.pace.slot = free;
      return sleep(ms, signal);
    };
    const report = await pulling.call();
    expect(waits).toBe(3);
    expect(report).toMatchObject({ stoppedBy: null, isMoreDue: false });
  });

  it("and ends its call without a failure when they take longer", async () => {
    const pulling = createPulling({ contacts: 10, deals: 0 });
    pulling.pace.slot = refused("live_due");
    expect(await pulling.call()).toMatchObject({ stoppedBy: "live_due", requestCount: 0, isMoreDue: true });
    expect(pulling.requests()).toEqual([]);
    expect(pulling.pulls.failures).toEqual([]);
  });

  it("when sending is paused or the breaker is open", async () => {
    for (const code of ["paused", "breaker_open", "wait_too_long"]) {
      const pulling = createPulling({ contacts: 10, deals: 0 });
      pulling.pace.slot = refused(code);
      expect(await pulling.call()).toMatchObject({ stoppedBy: code });
      expect(pulling.pulls.failures).toEqual([]);
    }
  });
});

describe("what a pull may not read", () => {
  it("fails the run and opens no breaker: leads may well be delivered", async () => {
    const pulling = createPulling({ contacts: 10, deals: 0 });
    pulling.simulator.control.addFaults({ kind: "forbidden", path: "/api/v4/contacts" });
    expect(await pulling.call()).toMatchObject({ stoppedBy: "forbidden" });
    expect([pulling.pulls.failures, pulling.pace.acts]).toEqual([["forbidden"], []]);
  });

  it("is done without if it is the list of what was deleted", async () => {
    const pulling = await completePulling({ contacts: 10, deals: 10 });
    // The second request for contacts is the one for deleted ones.
    pulling.simulator.control.addFaults({ kind: "status", status: 400, path: "/api/v4/contacts", skip: 1 });
    expect(await pulling.call()).toMatchObject({ stoppedBy: null, isMoreDue: false });
    expect(pulling.pulls.failures).toEqual([]);
  });

  it("opens the breaker if the account as a whole is blocked, or if the request was its probe", async () => {
    const blocked = createPulling({ contacts: 10, deals: 0 });
    blocked.simulator.control.block();
    expect(await blocked.call()).toMatchObject({ stoppedBy: "account_blocked" });
    expect(blocked.pace.acts).toEqual(["open breaker: account_blocked"]);
    const probing = createPulling({ contacts: 10, deals: 0 });
    probing.pace.slot = { granted: true, isProbe: true, waitMs: 0, intervalMs: 0 };
    probing.simulator.control.addFaults({ kind: "status", status: 502 });
    expect(await probing.call()).toMatchObject({ stoppedBy: "server_error" });
    expect(probing.pace.acts).toEqual(["open breaker: server_error"]);
  });
});

describe("the end of a call", () => {
  it("calls the next one for what became due behind its last look", async () => {
    const pulling = createPulling({ contacts: 10, deals: 0 });
    const { begin } = pulling.pulls;
    pulling.pulls.begin = async (token) => {
      const begun = await begin(token);
      if (begun.outcome === "not_due") pulling.pulls.want();
      return begun;
    };
    await pulling.call();
    expect(pulling.pulls.rings).toEqual([true]);
  });

  it("leaves it to cron when something is in the way: called at once, it would be called for ever", async () => {
    const pulling = createPulling({ contacts: 10, deals: 0 });
    const { begin } = pulling.pulls;
    let count = 0;
    pulling.pulls.begin = async (token) => (++count > 1 ? { outcome: "paused" } : await begin(token));
    await pulling.call();
    pulling.pulls.begin = begin;
    pulling.pace.slot = refused("live_due");
    await pulling.call();
    expect(pulling.pulls.rings).toEqual([false, false]);
  });
});

describe("the work of one call", () => {
  it("is twenty requests at most", async () => {
    const pulling = createPulling({ contacts: 10_000, deals: 0 });
    expect(await pulling.call()).toMatchObject({ requestCount: 20, stoppedBy: "budget", isMoreDue: true });
  });

  it("is repeated after a server's fault, and recorded as failed after three", async () => {
    const passing = createPulling({ contacts: 10, deals: 0 });
    passing.simulator.control.addFaults({ kind: "status", status: 500, times: 2 });
    expect(await passing.call()).toMatchObject({ stoppedBy: null });
    const lasting = createPulling({ contacts: 10, deals: 0 });
    lasting.simulator.control.addFaults({ kind: "status", status: 500, times: 10 });
    expect(await lasting.call()).toMatchObject({ stoppedBy: "server_error" });
    expect(lasting.pulls.failures).toEqual(["server_error"]);
    expect(lasting.pace.acts).toEqual([]);
  });
});
