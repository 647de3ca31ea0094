import { describe, expect, it } from "vitest";
import { runStatus } from "#cli/commands/status.ts";
import { Failure } from "#cli/failure.ts";
import { createScreen } from "#cli/screen.ts";
import { barOf, groupsOf } from "#cli/status/bars.ts";
import { frameOf } from "#cli/status/frame.ts";
import { watchStatus } from "#cli/status/watch.ts";
import type { OutboxRow } from "#shared/admin/answer.ts";
import { same, sayIn } from "#shared/platform/text.ts";
import { HEALTHY, QUIET_STATUS } from "../admin/support/fake-store.ts";
import { createBench, NOW_MS } from "./support/command.ts";

function row(state: string, count: number, more: Partial<OutboxRow> = {}): OutboxRow {
  return {
    kind: "lead.created",
    lane: "live",
    state,
    reason: null,
    message_count: count,
    oldest_at: null,
    next_attempt_at: null,
    is_more: false,
    ...more,
  };
}

const statusOf = (outbox: OutboxRow[]) => ({
  ...QUIET_STATUS,
  health: { ...HEALTHY, breaker_code: "unpaid", breaker_probe_at: "2026-11-21T12:01:00Z" },
  outbox,
  dead_letter_count: 1,
});

function recorder() {
  const frames: string[][] = [];
  let isClosed = false;
  const screen = {
    isInteractive: true,
    draw: (lines: readonly string[]) => void frames.push([...lines]),
    close: () => {
      isClosed = true;
    },
  };
  return { screen, frames, isClosed: () => isClosed };
}

describe("status --watch", () => {
  it("draws a bar for each kind and lane, with pace and breaker, and again at each poll until Ctrl-C", async () => {
    const polls = [[row("pending", 9), row("delivered", 1)], [row("delivered", 10)]];
    const { context, terminal } = createBench({
      answer: () => statusOf(polls.shift() ?? []),
      interruptAtWait: 2,
    });
    const { screen, frames, isClosed } = recorder();
    expect(await watchStatus(context, terminal, screen)).toBe(0);
    expect(frames).toHaveLength(2);
    expect(frames[0]).toEqual(
      expect.arrayContaining([
        "https://p.supabase.co  12:00:00 UTC  Ctrl-C ends it",
        "✓ ok",
        "kind          lane                                    delivered  waiting  uncertain  dead",
        "lead.created  live  [###---------------------------]          1        9          0     0",
        "Pace: one request in 2000 ms",
        "Breaker: open, unpaid, next try in 60 s",
      ]),
    );
    expect(frames[1]?.join("\n")).toContain("[##############################]");
    expect(isClosed()).toBe(true);
  });

  it("goes on when the project cannot be asked for a while, and says that it is old", async () => {
    let count = 0;
    const { context, terminal } = createBench({
      answer: () => {
        count += 1;
        if (count === 2) throw new Failure("unreachable", same("No connection"), null, 3);
        return statusOf([]);
      },
      interruptAtWait: 3,
    });
    const { screen, frames } = recorder();
    expect(await watchStatus(context, terminal, screen)).toBe(0);
    expect(frames.map(([head]) => head)).toEqual([
      expect.stringContaining("Ctrl-C ends it"),
      expect.stringContaining("cannot be asked, this is old: No connection"),
      expect.stringContaining("Ctrl-C ends it"),
    ]);
  });

  it("ends at once when the project cannot be asked the first time", async () => {
    const { context, terminal } = createBench({
      answer: () => {
        throw new Failure("unreachable", same("No connection"), null, 3);
      },
    });
    await expect(watchStatus(context, terminal, recorder().screen)).rejects.toMatchObject({ exitCode: 3 });
  });

  it.each([
    [true, true],
    [false, false],
  ])("is wrong usage without a terminal to draw on (json %s, terminal %s)", async (isJson, isInteractive) => {
    const { context, terminal, asked } = createBench({ answer: () => statusOf([]), isJson });
    const screen = { ...recorder().screen, isInteractive };
    await expect(watchStatus(context, terminal, screen)).rejects.toMatchObject({ exitCode: 2 });
    expect(asked).toEqual([]);
  });
});

describe("barOf", () => {
  it.each([
    [[row("delivered", 1)], "[##############################]"],
    [[row("leased", 1), row("pending", 1), row("delivered", 2)], "[###############---------------]"],
    [[row("delivered", 10_000), row("uncertain", 1), row("dead", 1)], "[############################?x]"],
    [[row("superseded", 0)], "[                              ]"],
  ])("shows what there is, however little: %#", (rows, bar) => {
    expect(groupsOf(rows).map(barOf)).toEqual([bar]);
  });

  it("is one bar for each kind and lane", () => {
    const rows = [row("dead", 1, { lane: "backfill" }), row("dead", 1), row("dead", 1, { kind: "a" })];
    expect(groupsOf(rows).map(({ kind, lane }) => `${kind} ${lane}`)).toEqual([
      "a live",
      "lead.created live",
      "lead.created backfill",
    ]);
  });
});

describe("a count that stopped at its bound", () => {
  const rows = [row("pending", 2000, { is_more: true }), row("dead", 3)];

  it("is marked, in the frame as in the list", async () => {
    const frame = frameOf(statusOf(rows), "head", NOW_MS, sayIn("en")).join("\n");
    expect(frame).toMatch(/\] +0 +2000\+ +0 +3$/m);
    const bench = createBench({ answer: () => statusOf(rows) });
    await runStatus({}, bench.context, bench.terminal, recorder().screen);
    expect(bench.stdout()).toMatch(/pending +2000\+$/m);
    expect(bench.stdout()).toMatch(/dead +3$/m);
  });
});

describe("createScreen", () => {
  it("replaces the lines before, cut to the terminal, and gives the cursor back", () => {
    let written = "";
    const screen = createScreen({
      isTTY: true,
      columns: 6,
      rows: 3,
      write: (text) => {
        written += text;
      },
    });
    screen.draw(["первый", "two", "three"]);
    expect(written).toBe("\x1b[?25l\x1b[Jперв…\ntwo\n");
    written = "";
    screen.draw(["one"]);
    expect(written).toBe("\x1b[2A\r\x1b[Jone\n");
    screen.close();
    expect(written.endsWith("\x1b[?25h")).toBe(true);
  });
});
