import { describe, expect, it } from "vitest";
import { actOnEach } from "#shared/admin/messages/act.ts";
import { DeadAnswer, type DeadLetter } from "#shared/admin/messages/answer.ts";
import { listDead } from "#shared/admin/messages/dead.ts";
import type { MessageStore } from "#shared/admin/messages/port.ts";

function letter(id: number, code: string | null): DeadLetter {
  return {
    id,
    kind: "lead.created",
    error_code: code,
    error_message: null,
    attempt_count: 1,
    subject_table: "unified_lead_tracking",
    subject_id: "s",
    created_at: "2026-11-21T00:00:00Z",
  };
}

function storeOf(letters: DeadLetter[]): MessageStore {
  return {
    deadLetters: async () => letters,
    deadCounts: async () => [
      { kind: "lead.created", error_code: "validation_failed", count: 40 },
      { kind: "lead.updated", error_code: "validation_failed", count: 2 },
      { kind: "lead.created", error_code: "odd", count: 50 },
    ],
    explanations: async () => new Map([["validation_failed", "Mend it."]]),
  } as Partial<MessageStore> as MessageStore;
}

const ALL = { action: "dead", kind: null, error_code: null, limit: 2 } as const;

describe("listDead", () => {
  it("counts all of a code over its kinds, though it lists only some, and the most frequent code first", async () => {
    const answer = await listDead(ALL, storeOf([letter(1, "validation_failed"), letter(2, "odd")]));
    expect(DeadAnswer.parse(answer)).toMatchObject({
      dead_count: 92,
      groups: [
        { error_code: "odd", letter_count: 50, explanation: null, letters: [{ id: 2 }] },
        {
          error_code: "validation_failed",
          letter_count: 42,
          explanation: "Mend it.",
          letters: [{ id: 1 }],
        },
      ],
    });
  });

  it.each([
    [{ kind: "lead.updated" }, 2],
    [{ error_code: "validation_failed" }, 42],
    [{ kind: "lead.created", error_code: "odd" }, 50],
    [{ kind: "other" }, 0],
  ])("counts what %o asks for", async (filter, count) => {
    expect((await listDead({ ...ALL, ...filter }, storeOf([]))).dead_count).toBe(count);
  });

  it("counts one that died between the two reads", async () => {
    const answer = await listDead({ ...ALL, error_code: "new" }, storeOf([letter(9, "new")]));
    expect(answer).toMatchObject({ dead_count: 1, groups: [{ error_code: "new", letter_count: 1 }] });
  });
});

describe("actOnEach", () => {
  it("goes on after a refusal, and does nothing twice", async () => {
    const done: number[] = [];
    const answer = await actOnEach([3, 1, 3, 2], async (id) => {
      done.push(id);
      return id === 1 ? "message 1 is delivered" : null;
    });
    expect(done).toEqual([3, 1, 2]);
    expect(answer).toEqual({
      ok: false,
      messages: [
        { id: 3, outcome: "done", reason: null },
        { id: 1, outcome: "refused", reason: "message 1 is delivered" },
        { id: 2, outcome: "done", reason: null },
      ],
    });
  });
});
