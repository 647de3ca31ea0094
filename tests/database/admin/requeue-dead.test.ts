import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await drainer.begin();
  // Two are dead of a stage, one of a field, one waits.
  await insertLeads(sql, strangers(4));
  await drainer.claim();
  await drainer.settle([
    { id: 1, verdict: "rejected", code: "validation_failed" },
    { id: 2, verdict: "rejected", code: "validation_failed" },
    { id: 3, verdict: "rejected", code: "not_found" },
    { id: 4, verdict: "retry", wait_ms: 60_000, code: "server_error" },
  ]);
});

const states = async () => (await messages(sql)).map(({ state }) => state);
const requeue = async (kind: string | null, code: string | null, limit: number | null = 1000) =>
  (await sql`select amocrm_requeue_dead(${kind}, ${code}, ${limit}::int) as count`)[0]?.["count"];

describe("amocrm_requeue_dead", () => {
  test("tries those with an error again, and leaves the others dead", async () => {
    expect(await requeue("lead.created", "validation_failed")).toBe(2);
    expect(await states()).toEqual(["pending", "pending", "dead", "pending"]);
    expect((await drainer.claim()).map(({ id }) => id)).toEqual([1, 2]);
  });

  test("tries all of them, oldest first, up to the limit", async () => {
    expect(await requeue(null, null, 2)).toBe(2);
    expect(await states()).toEqual(["pending", "pending", "dead", "pending"]);
    expect((await sql`select amocrm_requeue_dead() as count`)[0]?.["count"]).toBe(1);
    expect(await requeue(null, null)).toBe(0);
  });

  test("is written down with what it did", async () => {
    await requeue(null, "validation_failed");
    expect(await sql`select action, arguments, result from amocrm_actions`).toEqual([
      {
        action: "requeue_dead",
        arguments: { kind: null, error_code: "validation_failed", limit: 1000 },
        result: { message_count: 2 },
      },
    ]);
  });

  test.each([
    {
      of: ["lead.deleted", null, 10],
      message: "p_kind is lead.deleted, which is no kind of message to amoCRM",
    },
    {
      of: ["student.welcome", null, 10],
      message: "p_kind is student.welcome, which is no kind of message to amoCRM",
    },
    { of: [null, "typo", 10], message: "p_error_code is typo, which no dead message has" },
    { of: [null, null, -1], message: "p_limit is -1, must be between 1 and 10000" },
    { of: [null, null, 10_001], message: "p_limit is 10001, must be between 1 and 10000" },
    { of: [null, null, null], message: "p_limit is null, must be between 1 and 10000" },
  ] as const)("refuses $of and says what would do", async ({ of: [kind, code, limit], message }) => {
    const error = await errorOf(requeue(kind, code, limit));
    expect(error).toMatchObject({ code: "22023", message });
    expect(error.hint).toMatch(/lead.created|validation_failed|1000/);
    expect(await sql`select from amocrm_actions`).toHaveLength(0);
  });
});
