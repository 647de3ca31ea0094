import { describe, expect, it } from "vitest";
import { backfillOrderOf } from "#cli/backfill-order.ts";
import { Failure } from "#cli/failure.ts";
import { BackfillRequest } from "#shared/admin/request.ts";

const NOW_MS = Date.parse("2026-11-21T12:00:00Z");
const orderOf = (flags: Parameters<typeof backfillOrderOf>[0]) => backfillOrderOf(flags, NOW_MS);

describe("backfillOrderOf", () => {
  it("takes a thousand leads of all times when nothing is said", () => {
    expect(orderOf({})).toEqual({
      action: "backfill",
      table: "unified_lead_tracking",
      since: null,
      limit: 1000,
    });
  });

  it.each([
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2026-01-31T12:00:00+03:00", "2026-01-31T09:00:00.000Z"],
    ["2026-01-31T12:00Z", "2026-01-31T12:00:00.000Z"],
  ])("reads --since %s as %s, which the function accepts", (since, expected) => {
    const order = orderOf({ since });
    expect(order.since).toBe(expected);
    expect(BackfillRequest.safeParse({ ...order, mode: "start" }).success).toBe(true);
  });

  it.each([
    [{ since: "yesterday" }, /--since must be a day/],
    [{ since: "2026-02-31" }, /--since must be a day/],
    [{ since: "2026-13-01" }, /--since must be a day/],
    [{ since: "2026-01-31T12:00:00" }, /--since must be a day/],
    [{ since: "2026-11-22" }, /--since lies in the future/],
    [{ limit: "0" }, /--limit must be/],
    [{ limit: "1e3" }, /--limit must be/],
    [{ limit: "100001" }, /--limit must be/],
    [{ table: "leads" }, /--table must be/],
  ])("refuses %j as wrong usage", (flags, words) => {
    let failure: unknown;
    try {
      orderOf(flags);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringMatching(words) });
  });
});
