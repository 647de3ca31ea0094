import { describe, expect, it } from "vitest";
import { runCancel } from "#cli/commands/cancel.ts";
import { runDead } from "#cli/commands/dead.ts";
import { runPause, runResume } from "#cli/commands/pause.ts";
import { runRequeue } from "#cli/commands/requeue.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { type BenchOptions, createBench, NOW_MS } from "./support/command.ts";

const LETTER = {
  id: 41,
  kind: "lead.created",
  error_code: "validation_failed",
  error_message: "status_id: NotSupportedChoice",
  attempt_count: 1,
  subject_table: "unified_lead_tracking",
  subject_id: "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77",
  created_at: new Date(NOW_MS - 7_200_000).toISOString(),
};
const DEAD = {
  dead_count: 13,
  groups: [
    { error_code: "validation_failed", letter_count: 12, explanation: "Mend the route.", letters: [LETTER] },
    { error_code: "odd", letter_count: 1, explanation: null, letters: [] },
  ],
};

function answer(request: AdminRequestInput): unknown {
  switch (request.action) {
    case "dead":
      return request.error_code === "none" ? { dead_count: 0, groups: [] } : DEAD;
    case "requeue_dead":
      return { requeued_count: 13 };
    case "requeue":
    case "cancel":
      return {
        ok: !request.ids.includes(7),
        messages: request.ids.map((id) => ({
          id,
          outcome: id === 7 ? "refused" : "done",
          reason: id === 7 ? "message 7 is delivered" : null,
        })),
      };
    case "pause":
      return { paused: true, reason: request.reason };
    case "resume":
      return { paused: false, reason: null };
    default:
      throw new Error(`not expected: ${request.action}`);
  }
}

const bench = (options: Partial<BenchOptions> = {}) => createBench({ answer, ...options });

describe("dead", () => {
  it("lists by error code what it means, what to do, and whom it concerns", async () => {
    const { context, stdout } = bench();
    expect(await runDead({}, context)).toBe(1);
    expect(stdout()).toBe(`✗ 13 messages are dead.

validation_failed: 12
  Mend the route.
  Once it is mended → npm run amocrm -- requeue --all --code validation_failed
  id  kind          about                                                       attempts  age  reason
  41  lead.created  unified_lead_tracking 7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77         1  2 h  status_id: NotSupportedChoice
  … and 11 more: --code, --limit

odd: 1
  Once it is mended → npm run amocrm -- requeue --all --code odd
`);
  });

  it("ends with 0 when none is dead", async () => {
    const { context, asked, stdout } = bench();
    expect(await runDead({ kind: "lead.created", code: "none", limit: "7" }, context)).toBe(0);
    expect(asked).toEqual([{ action: "dead", kind: "lead.created", error_code: "none", limit: 7 }]);
    expect(stdout()).toBe("✓ No message is dead.\n");
  });

  it.each(["0", "1001", "many"])("refuses the limit %s", async (limit) => {
    await expect(runDead({ limit }, bench().context)).rejects.toThrow("--limit must be a whole number");
  });
});

describe("requeue", () => {
  it("tells of each message whether it is tried again, and ends with 1 if one is refused", async () => {
    const { context, terminal, stdout, questions } = bench();
    expect(await runRequeue({ ids: ["41", "7"] }, context, terminal)).toBe(1);
    expect(stdout()).toBe("✓ 41 tried again\n✗ 7 refused: message 7 is delivered\n");
    expect(questions).toEqual([]);
  });

  it("asks before it tries all again, and says why they died", async () => {
    const { context, terminal, stdout, questions, asked } = bench();
    expect(await runRequeue({ all: true, kind: "lead.created", limit: "10" }, context, terminal)).toBe(0);
    expect(stdout()).toContain("13 dead: 12 validation_failed, 1 odd.\nThe 10 oldest are tried again");
    expect(questions).toEqual(["Try 10 again?"]);
    expect(asked.at(-1)).toEqual({
      action: "requeue_dead",
      kind: "lead.created",
      error_code: null,
      limit: 10,
    });
  });

  it("changes nothing when the answer is no", async () => {
    const { context, terminal, stdout, asked } = bench({ says: false });
    expect(await runRequeue({ all: true }, context, terminal)).toBe(0);
    expect(asked.map(({ action }) => action)).toEqual(["dead"]);
    expect(stdout()).toContain("Nothing was changed.");
  });

  it("asks nothing when nothing is dead", async () => {
    const { context, terminal, questions, stdout } = bench({ isJson: true });
    expect(await runRequeue({ all: true, code: "none", yes: true }, context, terminal)).toBe(0);
    expect(JSON.parse(stdout())).toEqual({ dead_count: 0, requeued_count: 0 });
    expect(questions).toEqual([]);
  });

  it.each([{ isJson: true }, { isInteractive: false }])(
    "asks for --yes before it reads anything where nobody can be asked: %o",
    async (options) => {
      const { context, terminal, asked } = bench(options);
      const failure = runRequeue({ all: true }, context, terminal);
      await expect(failure).rejects.toMatchObject({ exitCode: 2, remedy: expect.stringContaining("--yes") });
      expect(asked).toEqual([]);
    },
  );

  it.each([
    [{}, "needs numbers of messages, or else --all"],
    [{ all: true, ids: ["4"] }, "needs numbers of messages, or else --all"],
    [{ ids: ["4"], code: "x" }, "go with --all"],
    [{ ids: ["four"] }, 'not "four"'],
    [{ ids: ["0"] }, 'not "0"'],
  ] as const)("refuses %o", async (flags, words) => {
    const { context, terminal } = bench();
    const failure = runRequeue({ ...flags } as Parameters<typeof runRequeue>[0], context, terminal);
    await expect(failure).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(words) });
  });
});

describe("cancel", () => {
  it("asks, cancels, and tells of each message", async () => {
    const { context, terminal, questions, stdout } = bench();
    expect(await runCancel({ ids: ["41", "42"] }, context, terminal)).toBe(0);
    expect(questions).toEqual(["Never send these 2 messages?"]);
    expect(stdout()).toBe("✓ 41 cancelled\n✓ 42 cancelled\n");
  });

  it("cancels nothing when the answer is no", async () => {
    const { context, terminal, asked } = bench({ says: false });
    expect(await runCancel({ ids: ["41"] }, context, terminal)).toBe(0);
    expect(asked).toEqual([]);
  });

  it("prints one document with --json", async () => {
    const { context, terminal, stdout } = bench({ isJson: true });
    expect(await runCancel({ ids: ["7"], yes: true }, context, terminal)).toBe(1);
    expect(JSON.parse(stdout())).toEqual({
      ok: false,
      messages: [{ id: 7, outcome: "refused", reason: "message 7 is delivered" }],
    });
  });

  it("asks for --yes where nobody can be asked, and for a number", async () => {
    const { context, terminal } = bench({ isInteractive: false });
    await expect(runCancel({ ids: ["41"] }, context, terminal)).rejects.toMatchObject({ exitCode: 2 });
    await expect(runCancel({ ids: [], yes: true }, context, terminal)).rejects.toThrow("needs numbers");
  });
});

describe("pause and resume", () => {
  it("hands the reason on, in one piece", async () => {
    const { context, asked, stdout } = bench({ isJson: true });
    expect(await runPause({ reason: ["moving", "house "] }, context)).toBe(0);
    expect(asked).toEqual([{ action: "pause", reason: "moving house" }]);
    expect(JSON.parse(stdout())).toEqual({ paused: true, reason: "moving house" });
  });

  it.each([[[]], [[" "]], [["x".repeat(501)]]])("refuses a reason of %j", async (reason) => {
    await expect(runPause({ reason }, bench().context)).rejects.toMatchObject({ exitCode: 2 });
  });

  it("goes on", async () => {
    const { context, asked } = bench();
    expect(await runResume({}, context)).toBe(0);
    expect(asked).toEqual([{ action: "resume" }]);
  });
});
