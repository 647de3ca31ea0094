import { beforeEach, describe, expect, it } from "vitest";
import type { AskAdmin } from "#cli/admin-client.ts";
import { runBackfill } from "#cli/commands/backfill.ts";
import type { Context } from "#cli/context.ts";
import { Failure } from "#cli/failure.ts";
import { createOutput } from "#cli/output.ts";
import { progressBar, type Terminal } from "#cli/terminal.ts";
import type { OutboxRow } from "#shared/admin/answer.ts";
import { sayIn } from "#shared/platform/text.ts";
import { HEALTHY, QUIET_STATUS } from "../admin/support/fake-store.ts";

/** How many messages of the lane are in which state at one poll. */
type Poll = Partial<Record<"pending" | "dead" | "no_handler", number>> & {
  /** There are so many in truth: counting stopped before. */
  waiting?: number;
};

let asked: string[];
let polls: Poll[];
let shown: string[];
let printed: string;
let isInteractive: boolean;
let isYes: boolean;
let interruptAtWait: number;
let historyCount: number;

beforeEach(() => {
  asked = [];
  polls = [{}];
  shown = [];
  printed = "";
  isInteractive = true;
  isYes = true;
  interruptAtWait = Number.POSITIVE_INFINITY;
  historyCount = 100;
});

function outboxOf(poll: Poll): OutboxRow[] {
  const row = (state: string, reason: string | null, count: number): OutboxRow => ({
    kind: "lead.created",
    lane: "backfill",
    state,
    reason,
    message_count: count,
    oldest_at: null,
    next_attempt_at: null,
    is_more: poll.waiting !== undefined,
  });
  // Live leads come and go; they are none of the backfill's business.
  return [
    { ...row("pending", null, 7), lane: "live" },
    row("pending", null, poll.pending ?? 0),
    row("dead", "bad_stage", poll.dead ?? 0),
    row("pending", "no_handler", poll.no_handler ?? 0),
  ];
}

const askAdmin: AskAdmin = async (request, answer) => {
  asked.push("mode" in request ? request.mode : request.action);
  if (request.action === "status") {
    const poll = polls.length > 1 ? polls.shift() : polls[0];
    const health = { ...HEALTHY, waiting_count: poll?.waiting ?? 0 };
    return answer.parse({ ...QUIET_STATUS, health, outbox: outboxOf(poll ?? {}) });
  }
  if (request.action === "backfill" && request.mode === "start") {
    return answer.parse({ enqueued_count: historyCount });
  }
  return answer.parse({ message_count: historyCount, request_count: 6, interval_ms: 2000, minutes: 0.2 });
};

function run(flags: Parameters<typeof runBackfill>[0], isJson = false): Promise<number> {
  const print = (text: string): void => {
    printed += text;
  };
  const abort = new AbortController();
  let waits = 0;
  const terminal: Terminal = {
    isInteractive,
    confirm: async () => isYes,
    showProgress: (text) => void shown.push(text),
    interruption: () => abort.signal,
    async wait() {
      waits += 1;
      if (waits === interruptAtWait) abort.abort();
    },
  };
  const output = createOutput(isJson, { stdout: print, stderr: () => {} });
  return runBackfill(
    flags,
    { askAdmin, output, say: sayIn("en"), nowMs: Date.now() } as unknown as Context,
    terminal,
  );
}

describe("backfill", () => {
  it("shows the estimate and starts nothing with --dry-run", async () => {
    expect(await run({ dryRun: true })).toBe(0);
    expect(printed).toContain("100 to send: about 6 requests, 12 s at one request in 2000 ms.");
    expect(asked).toEqual(["estimate"]);
  });

  it("starts nothing when the answer is no", async () => {
    isYes = false;
    expect(await run({})).toBe(0);
    expect(asked).toEqual(["estimate"]);
  });

  it("starts, shows how far it is, and ends when the lane is empty", async () => {
    polls = [{}, { pending: 100 }, { pending: 50 }, {}];
    expect(await run({})).toBe(0);
    expect(asked).toEqual(["estimate", "status", "start", "status", "status", "status"]);
    expect(shown[0]).toMatch(/ 0 % {2}0 of 100 {2}about 12 s left/);
    expect(shown[1]).toMatch(/ 50 % {2}50 of 100 {2}about 6 s left/);
    expect(printed).toContain("✓ All delivered.");
  });

  it("is not taken in by counts that stop at a bound", async () => {
    historyCount = 10_000;
    polls = [{}, { pending: 2000, waiting: 10_000 }, { pending: 2000, waiting: 7500 }, { pending: 1000 }, {}];
    expect(await run({})).toBe(0);
    expect(shown.slice(0, 3)).toEqual([
      expect.stringContaining(" 0 of 10000"),
      expect.stringContaining(" 2500 of 10000"),
      expect.stringContaining(" 9000 of 10000"),
    ]);
  });

  it("goes on without the person after Ctrl-C, and says so", async () => {
    polls = [{}, { pending: 100 }];
    interruptAtWait = 2;
    expect(await run({ yes: true })).toBe(0);
    expect(printed).toContain("The backfill goes on without this command");
  });

  it("ends with 1 and tells how many died since it started", async () => {
    polls = [{ dead: 2 }, { dead: 5 }];
    expect(await run({ yes: true })).toBe(1);
    expect(printed).toContain("✗ 3 are dead");
  });

  it("does not wait for what this version cannot send", async () => {
    polls = [{}, { no_handler: 100 }];
    expect(await run({ table: "tripwire_users", yes: true })).toBe(0);
    expect(printed).toContain("100 wait: this version cannot send their kind yet.");
  });

  it("says when the limit was reached, and when there is nothing to send", async () => {
    await run({ limit: "100", dryRun: true });
    expect(printed).toContain("100 to send (the limit; there may be more)");
    historyCount = 0;
    expect(await run({ yes: true })).toBe(0);
    expect(printed).toContain("Nothing to send");
    expect(asked).toEqual(["estimate", "estimate"]);
  });

  it("prints one document with --json and follows nothing", async () => {
    expect(await run({ yes: true }, true)).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({ estimate: { message_count: 100 }, enqueued_count: 100 });
    expect(asked).toEqual(["estimate", "status", "start"]);
  });

  it.each([
    [true, true],
    [false, false],
  ])(
    "asks for --yes or --dry-run where nobody can be asked (json %s, terminal %s)",
    async (isJson, isTerminal) => {
      isInteractive = isTerminal;
      const failure = await run({}, isJson).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Failure);
      expect(failure).toMatchObject({ exitCode: 2, remedy: expect.stringContaining("--yes") });
      expect(asked).toEqual([]);
    },
  );
});

describe("progressBar", () => {
  it.each([
    [0, 10, "[------------------------------]   0 %"],
    [5, 10, "[###############---------------]  50 %"],
    [10, 10, "[##############################] 100 %"],
    [0, 0, "[##############################] 100 %"],
  ])("draws %i of %i", (done, total, bar) => {
    expect(progressBar(done, total)).toBe(bar);
  });
});
