import { describe, expect, it } from "vitest";
import type { PullEntity } from "#shared/amocrm/pull/position.ts";
import { completePulling, type Pulling } from "./support/pulling.ts";

const COUNT = 600;

/** A complete mirror, nothing regular due, and hooks that named these. */
async function named(
  entity: PullEntity,
  settings: Parameters<typeof completePulling>[1] = {},
): Promise<Pulling> {
  // Deals are pulled because contacts name them, and not the other way round.
  const deals = entity === "deal" ? COUNT : 0;
  const pulling = await completePulling({ contacts: COUNT, deals }, settings);
  for (const cursor of Object.values(pulling.pulls.cursors)) cursor.isDue = false;
  const rows = entity === "deal" ? pulling.simulator.state.deals() : pulling.simulator.state.contacts();
  pulling.pulls.hints = rows.map(({ id }) => ({ entity, id: Number(id), isDeleted: false }));
  return pulling;
}

const asked = ({ pulls }: Pulling) => pulls.stored.flatMap(({ asked: ids }) => ids);

describe("what hooks named", () => {
  it.each(["deal", "contact"] as const)(
    "is read by id, 250 in one request, and nothing else is: %s",
    async (entity) => {
      const pulling = await named(entity);
      const report = await pulling.call();
      expect(report).toMatchObject({ outcome: "hints", requestCount: 3, stoppedBy: null });
      expect(pulling.pulls.stored.map(({ rows }) => rows.length)).toEqual([250, 250, 100]);
      expect(new Set(asked(pulling)).size).toBe(COUNT);
      for (const { path, query } of pulling.requests()) expect(`${path}?${query}`.length).toBeLessThan(6000);
    },
  );

  it("is asked for in fewer at a time where ids are long", async () => {
    const pulling = await named("deal");
    pulling.pulls.hints = pulling.pulls.hints.slice(0, 250).map((hint) => ({ ...hint, id: hint.id + 9e14 }));
    await pulling.call();
    expect(pulling.requests().length).toBe(2);
    for (const { path, query } of pulling.requests()) expect(`${path}?${query}`.length).toBeLessThan(6000);
  });

  it.each([414, 400] as const)(
    "is halved where an address is too long, answered with %i",
    async (long_address_status) => {
      const pulling = await named("deal", { lists: { address_max_bytes: 3000, long_address_status } });
      await pulling.call();
      expect(new Set(asked(pulling)).size).toBe(COUNT);
      expect(pulling.pulls.failures).toEqual([]);
    },
  );

  it("comes before the regular pull, which follows in the same call", async () => {
    const pulling = await named("deal");
    pulling.pulls.hints = pulling.pulls.hints.slice(0, 3);
    pulling.pulls.want();
    await pulling.call();
    const [first, second] = pulling.requests();
    expect(first?.query).toContain("filter[id][]");
    expect(second?.query).toContain("filter[updated_at][from]");
  });

  it("is read one by one on an account that ignores filters, and many wait while the regular pull goes on", async () => {
    const settings = { lists: { filters_need_paid_option: true } };
    const few = await named("deal", settings);
    few.pulls.hints = few.pulls.hints.slice(0, 3);
    const ids = few.pulls.hints.map(({ id }) => id);
    await few.call();
    expect(few.pulls.stored.map(({ rows }) => rows.map(({ id }) => id))).toEqual(ids.map((id) => [id]));
    expect(few.requests()).toHaveLength(4);

    const many = await named("deal", settings);
    await many.call();
    expect(many.pulls.failures).toEqual(["250 deals wait", "100 deals wait"]);
    // By chance the first page was what had been asked for.
    expect(many.pulls.stored).toHaveLength(1);
  });

  it("waits while the server is in trouble, which is told", async () => {
    const pulling = await named("deal");
    pulling.simulator.control.addFaults({ kind: "status", status: 500, path: "/api/v4/leads" });
    const report = await pulling.call();
    expect(report?.stoppedBy).toBe("server_error");
    expect(pulling.pulls.failures).toEqual(["250 deals wait"]);
  });

  it("is looked for among the deleted ones if it was deleted, in one request", async () => {
    const pulling = await named("deal");
    const ids = pulling.pulls.hints.slice(0, 3).map(({ id }) => id);
    for (const id of ids.slice(0, 2)) pulling.simulator.control.edit({ action: "delete_deal", deal_id: id });
    pulling.pulls.hints = ids.map((id) => ({ entity: "deal", id, isDeleted: true }));
    await pulling.call();
    const [read] = pulling.pulls.stored;
    expect(read?.rows.map(({ id, isDeleted }) => ({ id, isDeleted }))).toEqual(
      expect.arrayContaining(ids.slice(0, 2).map((id) => ({ id, isDeleted: true }))),
    );
    expect(read?.rows).toHaveLength(2);
    expect(read?.asked).toEqual(ids);
    expect(pulling.requests()).toHaveLength(1);
  });
});
