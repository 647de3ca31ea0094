import { describe, expect, it } from "vitest";
import { backfill } from "#shared/admin/backfill/backfill.ts";
import { BackfillRequest } from "#shared/admin/request.ts";
import { createFakeStore } from "./support/fake-store.ts";

const storeWith = (historyCount: number) => Object.assign(createFakeStore(), { historyCount });
const order = (more: object) => BackfillRequest.parse({ action: "backfill", mode: "start", ...more });

describe("backfill", () => {
  it("estimates without enqueueing anything", async () => {
    const store = storeWith(30);
    const answer = await backfill(order({ mode: "estimate", limit: 20 }), { store });
    expect(answer).toMatchObject({ message_count: 20 });
    expect(store.writes).toEqual([]);
  });

  it("enqueues a thousand rows at most unless told otherwise", async () => {
    const store = storeWith(5000);
    expect(await backfill(order({}), { store })).toEqual({ enqueued_count: 1000 });
    expect(store.writes).toEqual(["backfill 1000"]);
  });

  it("cuts a large one into transactions of a thousand, and stops when history ends", async () => {
    const store = storeWith(2300);
    expect(await backfill(order({ limit: 9000 }), { store })).toEqual({ enqueued_count: 2300 });
    expect(store.writes).toEqual(["backfill 1000", "backfill 1000", "backfill 300"]);
  });

  it("takes exactly the limit when it is no whole number of thousands", async () => {
    const store = storeWith(5000);
    expect(await backfill(order({ limit: 1500 }), { store })).toEqual({ enqueued_count: 1500 });
  });

  it.each([
    [{ table: "landing_leads" }],
    [{ limit: 0 }],
    [{ limit: 100_001 }],
    [{ since: "yesterday" }],
    [{ mode: "stop" }],
  ])("is refused with %j", (more) => {
    expect(BackfillRequest.safeParse({ action: "backfill", mode: "start", ...more }).success).toBe(false);
  });
});
