import { describe, expect, it } from "vitest";
import { runTells } from "#cli/commands/tells.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { type BenchOptions, createBench, NOW_MS } from "./support/command.ts";

const HELD = {
  message_id: 41,
  person_id: 7,
  amocrm_deal_id: 801234,
  kind: "deal.note",
  held_since: new Date(NOW_MS - 3_600_000).toISOString(),
  behind_count: 12,
};

function answer(request: AdminRequestInput): unknown {
  if (request.action !== "tells") throw new Error(`not expected: ${request.action}`);
  return request.mode === "list" ? { mode: "list", held: [HELD] } : { mode: request.mode, message_count: 13 };
}
const bench = (options: Partial<BenchOptions> = {}) => createBench({ answer, ...options });

describe("tells", () => {
  it("lists what is held, in both languages, and says when nothing is", async () => {
    const { context, terminal, stdout } = bench();
    expect(await runTells({}, context, terminal)).toBe(1);
    expect(stdout()).toContain("! 1 deal gets no more messages:");
    expect(stdout()).toMatch(/801234 +41 +deal\.note .* 12/);
    const russian = bench({ language: "ru" });
    await runTells({ mode: "list" }, russian.context, russian.terminal);
    expect(russian.stdout()).toContain("! 1 сделка не получает новых сообщений:");
    const empty = bench({ answer: () => ({ mode: "list", held: [] }) });
    expect(await runTells({}, empty.context, empty.terminal)).toBe(0);
    expect(empty.stdout()).toBe("✓ Nothing is held.\n");
  });

  it("releases and cancels once somebody says yes, of one deal or of all", async () => {
    const { context, terminal, asked, stdout } = bench();
    expect(await runTells({ mode: "release", deal: "801234", yes: true }, context, terminal)).toBe(0);
    expect(await runTells({ mode: "cancel", yes: true }, context, terminal)).toBe(0);
    expect(asked).toEqual([
      { action: "tells", mode: "release", deal: 801234 },
      { action: "tells", mode: "cancel", deal: null },
    ]);
    expect(stdout()).toBe("✓ 13 messages go now.\n✓ 13 messages were cancelled.\n");
    const pipe = bench({ isInteractive: false });
    await expect(runTells({ mode: "cancel" }, pipe.context, pipe.terminal)).rejects.toThrow("Nobody");
    expect(pipe.asked).toEqual([]);
  });

  it("knows no other word", async () => {
    const { context, terminal } = bench();
    await expect(runTells({ mode: "drop" }, context, terminal)).rejects.toMatchObject({ exitCode: 2 });
  });
});
