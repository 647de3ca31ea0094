import { describe, expect, it } from "vitest";
import { orderById } from "#shared/amocrm/pull/order.ts";
import { createPulling, livingIds, mirroredIds, type Pulling } from "./support/pulling.ts";

const rows = (...ids: number[]) => ids.map((id) => ({ id }));
const HOUR_MS = 3_600_000;

describe("the order of a page by id", () => {
  it.each([
    [[], true, []],
    [[7], true, []],
    [[1, 2, 3, 4], true, []],
    [[1, 2, 900, 3, 4], true, [900]],
    [[10, 11, 2, 12, 13, 14, 12, 15], true, [2, 12]],
    [[1, 2, 2, 3], true, [2]],
    [[900, 1], true, [900]],
    [[4, 3, 2, 1], false, []],
    [[5, 6, 7, 1, 2, 3], false, []],
  ] as const)("of %j is kept: %s, out of it: %j", (ids, isKept, oddIds) => {
    expect(orderById(rows(...ids))).toEqual({ isKept, oddIds });
  });
});

function makeIdOdd({ simulator }: Pulling, index: number, json: string): number {
  const id = livingIds(simulator).contacts[index] ?? 0;
  simulator.control.makeOdd({ kind: "contacts", id, member: "id", json });
  return id;
}

describe("the first pull", () => {
  it.each([
    [0, "2147483648"],
    [100, "9007199254740990"],
    [249, "1"],
    [400, "3"],
    [620, '"12"'],
    [759, "2147483648"],
    [759, "1"],
    [300, "-1"],
    [300, "null"],
  ])("with contact %i of 760 under the id %s misses no other", async (index, json) => {
    const pulling = createPulling({ contacts: 760, deals: 0 });
    const odd = makeIdOdd(pulling, index, json);
    await pulling.callAll();
    const mirrored = new Set(mirroredIds(pulling.pulls).contacts);
    const missed = livingIds(pulling.simulator).contacts.filter((id) => !mirrored.has(id));
    expect(missed).toEqual([odd]);
    expect(pulling.pulls.cursors.contact.isComplete).toBe(true);
    // Twice the whole list at most.
    expect(pulling.requests().length).toBeLessThan(24);
  });

  it("names the row that stands out of the order", async () => {
    const pulling = createPulling({ contacts: 760, deals: 0 });
    makeIdOdd(pulling, 400, "2147483648");
    await pulling.callAll();
    expect(new Set(pulling.pulls.failures)).toEqual(
      new Set(["contact 2147483648: Listed out of the order by id"]),
    );
  });
});

it("a deal that a contact names and whose answer cannot be read is left out, and named", async () => {
  const pulling = createPulling({ contacts: 10, deals: 10, days: 100 });
  // The oldest is not among those of the last week.
  const [odd = 0] = livingIds(pulling.simulator).deals;
  pulling.simulator.control.makeOdd({ kind: "leads", id: odd, member: "", json: "12" });
  await pulling.callAll();
  expect(pulling.pulls.cursors.deal.isComplete).toBe(true);
  expect(pulling.pulls.failures).toEqual([`deal ${odd}: Its answer has a shape that cannot be read`]);
});

describe("on an account that ignores the order", () => {
  const IGNORING = { lists: { by_id: "ignored" } } as const;

  it("the first pull reads the whole list from both ends, and says so", async () => {
    const pulling = createPulling({ contacts: 760, deals: 510 }, IGNORING);
    await pulling.callAll();
    expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
    expect(pulling.pulls.failures).toContain("Listed in another order than by id");
    expect(pulling.pulls.cursors.contact.isComplete).toBe(true);
  });

  it.each([3, 6, 8, 10, 12])(
    "misses nobody when contacts change or are deleted before request %i",
    async (at) => {
      const pulling = createPulling({ contacts: 760, deals: 0 }, IGNORING);
      const { contacts } = livingIds(pulling.simulator);
      pulling.beforeRequest = (count) => {
        if (count !== at) return;
        for (const index of [0, 260, 500, 759])
          pulling.simulator.control.edit({ action: "delete_contact", contact_id: contacts[index] ?? 0 });
        for (const index of [1, 200, 400, 700]) {
          const id = contacts[index] ?? 0;
          pulling.simulator.control.edit({ action: "rename", entity: "contact", id, name: "changed" });
        }
      };
      await pulling.callAll();
      pulling.clock.advance(HOUR_MS);
      pulling.pulls.want();
      await pulling.callAll();
      expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
    },
  );

  it("a run that is killed goes on, also on its way back", async () => {
    for (const page of [5, 8, 11]) {
      const pulling = createPulling({ contacts: 760, deals: 0 }, IGNORING);
      pulling.pulls.dieAt = { page, when: "after" };
      await pulling.callAll();
      expect(pulling.pulls.deathCount).toBe(1);
      expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
    }
  });

  it("a pull of more changes than fit on a page misses none", async () => {
    const pulling = createPulling({ contacts: 0, deals: 700 }, IGNORING);
    await pulling.callAll();
    pulling.clock.advance(HOUR_MS);
    for (const id of livingIds(pulling.simulator).deals)
      pulling.simulator.control.edit({ action: "rename", entity: "deal", id, name: "changed" });
    pulling.pulls.want();
    await pulling.callAll();
    const names = [...pulling.pulls.mirror.deal.values()].map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(["changed"]));
    expect(names).toHaveLength(700);
  });
});
