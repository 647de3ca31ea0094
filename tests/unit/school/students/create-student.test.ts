import { describe, expect, it } from "vitest";
import { createStudent } from "#shared/school/students/create-student.ts";
import type { AccountOutcome, Admission, StudentStore } from "#shared/school/students/port.ts";
import type { Student } from "#shared/school/students/student.ts";

const ADMISSION: Admission = {
  full_name: "Ada",
  email: "ada@example.com",
  phone: null,
  grantedBy: "manager",
};
const STUDENT = { id: "student" } as Student;

interface Play {
  begin: (Awaited<ReturnType<StudentStore["begin"]>> | Error)[];
  create?: AccountOutcome[];
  admit?: (Awaited<ReturnType<StudentStore["admit"]>> | Error)[];
}

/** Runs the use case against answers in their order; tells what came of it and what was done on the way. */
async function play({ begin, create = [], admit = [] }: Play) {
  const done: string[] = [];
  const next = <T>(answers: (T | Error)[], name: string): T => {
    done.push(name);
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`nobody expected ${name}`);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const outcome = await createStudent(ADMISSION, {
    store: {
      begin: async () => next(begin, "begin"),
      admit: async (userId) => next(admit, `admit ${userId}`),
      withdraw: async (_email, createdUserId) => void done.push(`withdraw ${createdUserId}`),
    },
    accounts: { create: async () => next(create, "create") },
    clock: { nowMs: () => 0, sleep: async () => {} },
  }).catch((error: Error) => error.message);
  return { outcome, done };
}

const NOBODY = { state: "begun", userId: null } as const;
const ACCOUNT = { state: "begun", userId: "u1" } as const;
const ADMITTED = { state: "admitted", isNew: true, student: STUDENT } as const;

describe("createStudent", () => {
  it("makes an account and then the student", async () => {
    expect(
      await play({ begin: [NOBODY], create: [{ state: "created", userId: "u1" }], admit: [ADMITTED] }),
    ).toEqual({
      outcome: { state: "created", student: STUDENT },
      done: ["begin", "create", "admit u1"],
    });
  });

  it("asks for no account when the student is there, or the address has one", async () => {
    const there = { state: "there", student: STUDENT } as const;
    expect(await play({ begin: [there] })).toEqual({ outcome: there, done: ["begin"] });
    const { done } = await play({ begin: [ACCOUNT], admit: [ADMITTED] });
    expect(done).toEqual(["begin", "admit u1"]);
  });

  it.each<AccountOutcome>([{ state: "exists" }, { state: "unclear" }])(
    "looks again when the account is $state, and adopts the one that another call made",
    async (account) => {
      const { outcome, done } = await play({
        begin: [NOBODY, ACCOUNT],
        create: [account],
        admit: [{ ...ADMITTED, isNew: false }],
      });
      expect(outcome).toEqual({ state: "there", student: STUDENT });
      expect(done).toEqual(["begin", "create", "begin", "admit u1"]);
    },
  );

  it("starts over when the account is deleted under its hands", async () => {
    const { outcome, done } = await play({
      begin: [ACCOUNT, NOBODY],
      create: [{ state: "created", userId: "u2" }],
      admit: [{ state: "account_gone" }, ADMITTED],
    });
    expect(outcome).toMatchObject({ state: "created" });
    expect(done).toEqual(["begin", "admit u1", "begin", "create", "admit u2"]);
  });

  it("gives up after three unclear answers, and leaves the admission for whoever finds it", async () => {
    const unclear = { state: "unclear" } as const;
    const { outcome, done } = await play({
      begin: [NOBODY, NOBODY, NOBODY],
      create: [unclear, unclear, unclear],
    });
    expect(outcome).toEqual({ state: "unavailable" });
    expect(done.filter((step) => step.startsWith("withdraw"))).toEqual([]);
  });

  it("withdraws what Auth refuses, with nothing to delete", async () => {
    const { outcome, done } = await play({
      begin: [NOBODY],
      create: [{ state: "refused", code: "validation_failed" }],
    });
    expect(outcome).toEqual({ state: "refused", code: "validation_failed" });
    expect(done.at(-1)).toBe("withdraw null");
  });

  it("deletes the account that it made when the row is refused, and never one that was there", async () => {
    const refusal = new Error("refused");
    const made = await play({
      begin: [NOBODY],
      create: [{ state: "created", userId: "u1" }],
      admit: [refusal],
    });
    expect([made.outcome, made.done.at(-1)]).toEqual(["refused", "withdraw u1"]);
    const found = await play({ begin: [ACCOUNT], admit: [new Error("refused")] });
    expect([found.outcome, found.done.at(-1)]).toEqual(["refused", "withdraw null"]);
  });
});
