import { describe, expect, it } from "vitest";
import { createPulling, livingIds, type Pulling } from "./support/pulling.ts";

const HOUR_MS = 3_600_000;

/** A bulk action of the manager: all of them within one second. */
function editAll({ simulator }: Pulling, entity: "contact" | "deal", name: string): void {
  const ids = livingIds(simulator);
  for (const id of entity === "contact" ? ids.contacts : ids.deals) {
    simulator.control.edit({ action: "rename", entity, id, name: `${name} ${id}` });
  }
}

function staleIds({ simulator, pulls }: Pulling, entity: "contact" | "deal"): number[] {
  const rows = (entity === "contact" ? simulator.state.contacts() : simulator.state.deals()) as {
    id: number;
    name: string;
    is_deleted: boolean;
  }[];
  return rows
    .filter((row) => !row.is_deleted && pulls.mirror[entity].get(row.id)?.name !== row.name)
    .map(({ id }) => id);
}

describe("rows of one second that come in another order for each page", () => {
  it.each([
    ["contact", false],
    ["deal", false],
    ["contact", true],
    ["deal", true],
  ] as const)(
    "are all read when every %s was changed at once (filters ignored: %s)",
    async (entity, isIgnored) => {
      const pulling = createPulling(
        { contacts: 510, deals: 510 },
        { lists: { ties: "shuffled", filters_need_paid_option: isIgnored } },
      );
      await pulling.callAll();
      for (const round of [1, 2]) {
        pulling.clock.advance(HOUR_MS);
        editAll(pulling, entity, `round ${round}`);
        pulling.pulls.want();
        await pulling.callAll();
        expect(staleIds(pulling, entity)).toEqual([]);
      }
      expect(pulling.pulls.failures).toEqual([]);
    },
  );

  it("cost one request as long as what changed fits on a page", async () => {
    const pulling = createPulling({ contacts: 620, deals: 0 }, { lists: { ties: "shuffled" } });
    await pulling.callAll();
    pulling.clock.advance(HOUR_MS);
    for (const id of livingIds(pulling.simulator).contacts.slice(0, 200)) {
      pulling.simulator.control.edit({ action: "rename", entity: "contact", id, name: `again ${id}` });
    }
    const before = pulling.requests().length;
    pulling.pulls.want();
    await pulling.callAll();
    expect(staleIds(pulling, "contact")).toEqual([]);
    const lists = pulling.requests().slice(before);
    expect(
      lists.filter(({ path, query }) => path.endsWith("/contacts") && !query.includes("only_deleted")),
    ).toHaveLength(1);
  });
});

it("a change that the lists show two minutes late is in the next window", async () => {
  const pulling = createPulling({ contacts: 30, deals: 0 }, { lists: { late_ms: 120_000 } });
  await pulling.callAll();
  pulling.clock.advance(HOUR_MS);
  for (const seconds of [1, 60, 119]) {
    editAll(pulling, "contact", `late ${seconds}`);
    pulling.clock.advance(seconds * 1000);
    pulling.pulls.want();
    await pulling.callAll();
    pulling.clock.advance(200_000);
    pulling.pulls.want();
    await pulling.callAll();
    expect(staleIds(pulling, "contact")).toEqual([]);
  }
});
