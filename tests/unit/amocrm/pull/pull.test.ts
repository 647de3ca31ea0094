import { describe, expect, it } from "vitest";
import { sized } from "../../../support/sizes.ts";
import {
  completePulling as complete,
  createPulling,
  livingIds,
  mirroredIds,
  type Pulling,
} from "./support/pulling.ts";

const HOUR_MS = 3_600_000;

/** Edits each deal, as an import of the manager does it. */
function touchDeals({ simulator, clock }: Pulling, count: number, eachMs = 0): number[] {
  const ids = livingIds(simulator).deals.slice(0, count);
  for (const id of ids) {
    simulator.control.edit({ action: "rename", entity: "deal", id, name: `changed ${id}` });
    clock.advance(eachMs);
  }
  return ids;
}

function staleIds({ simulator, pulls }: Pulling): number[] {
  const rows = simulator.state.deals() as { id: number; name: string; is_deleted: boolean }[];
  return rows
    .filter((row) => !row.is_deleted && pulls.mirror.deal.get(row.id)?.name !== row.name)
    .map(({ id }) => id);
}

describe("the first pull", () => {
  it.each([0, 1, 249, 250, 251, 500, 760])("brings %i contacts and all deals they name", async (contacts) => {
    const pulling = createPulling({ contacts, deals: contacts });
    await pulling.callAll();
    expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
    expect(pulling.pulls.failures).toEqual([]);
  });

  it("brings deals of the last week that no contact names, and older ones only if it is told so", async () => {
    const week = createPulling({ contacts: 0, deals: 100, days: 100 });
    await week.callAll();
    expect(week.pulls.mirror.deal.size).toBeGreaterThanOrEqual(6);
    expect(week.pulls.mirror.deal.size).toBeLessThanOrEqual(8);
    const all = createPulling({ contacts: 0, deals: 100, days: 100 });
    all.pulls.since = "2026-01-01T00:00:00Z";
    await all.callAll();
    expect(all.pulls.mirror.deal.size).toBe(100);
  });

  it("costs few requests more than it reads pages", async () => {
    const pageCount = sized(5, 20);
    const pulling = createPulling({ contacts: 250 * pageCount, deals: 0 });
    await pulling.callAll();
    expect(pulling.requests().length).toBeLessThan(pageCount + 14);
  });

  const pages = 11;
  it.each(Array.from({ length: pages }, (_, index) => [index + 1]))(
    "that is killed before or after page %i goes on without loss",
    async (page) => {
      for (const when of ["before", "after"] as const) {
        const pulling = createPulling({ contacts: 260, deals: 255 });
        pulling.pulls.dieAt = { page, when };
        await pulling.callAll();
        expect(pulling.pulls.deathCount).toBe(1);
        expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
      }
    },
  );

  it.each([2, 3, 4, 5, 6, 7, 8, 9])(
    "misses nobody when contacts are deleted and made before request %i",
    async (at) => {
      const pulling = createPulling({ contacts: 760, deals: 0 });
      const { contacts } = livingIds(pulling.simulator);
      pulling.beforeRequest = (count) => {
        if (count !== at) return;
        for (const index of [0, 200, 400, 600, 700, 759]) {
          pulling.simulator.control.edit({ action: "delete_contact", contact_id: contacts[index] ?? 0 });
        }
        pulling.simulator.control.populate({ contacts: 3 });
      };
      await pulling.callAll();
      pulling.clock.advance(HOUR_MS);
      pulling.pulls.want();
      await pulling.callAll();
      const mirrored = new Set(mirroredIds(pulling.pulls).contacts);
      expect(
        livingIds(pulling.simulator).contacts.filter((id) => !mirrored.has(id) && contacts.includes(id)),
      ).toEqual([]);
    },
  );

  it.each([5, 6, 7, 8, 9])("misses nobody when a contact is restored before request %i", async (at) => {
    const pulling = createPulling({ contacts: 760, deals: 0 });
    const first = livingIds(pulling.simulator).contacts[0] ?? 0;
    pulling.simulator.control.edit({ action: "delete_contact", contact_id: first });
    pulling.beforeRequest = (count) => {
      if (count === at) pulling.simulator.control.edit({ action: "restore", entity: "contact", id: first });
    };
    await pulling.callAll();
    expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
  });
});

describe("a pull of changes", () => {
  it("of nothing costs one look each at changes and deletions", async () => {
    const pulling = await complete({ contacts: 300, deals: 300 });
    await pulling.callAll();
    expect(pulling.requests()).toHaveLength(4);
  });

  it("reads nothing twice where amoCRM links on from each page: one look more for each list", async () => {
    const lists = { lists: { next_link: "always" } } as const;
    const pulling = await complete({ contacts: 300, deals: 300 }, lists);
    pulling.simulator.control.edit({
      action: "delete_contact",
      contact_id: livingIds(pulling.simulator).contacts[0] ?? 0,
    });
    touchDeals(pulling, 300);
    await pulling.callAll();
    expect(staleIds(pulling)).toEqual([]);
    expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
    const asked = pulling.requests().map(({ query, path }) => `${path}${query}`);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it("of 10,000 deals costs 45 requests at most: five more than pages", async () => {
    const pageCount = sized(10, 40);
    const pulling = await complete({ contacts: 500, deals: 250 * pageCount });
    touchDeals(pulling, 250 * pageCount);
    await pulling.callAll();
    expect(staleIds(pulling)).toEqual([]);
    expect(pulling.requests().length).toBeLessThanOrEqual(pageCount + 5);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("that is killed at page %i leaves no gap", async (page) => {
    for (const when of ["before", "after"] as const) {
      const pulling = createPulling({ contacts: 260, deals: 760 });
      await pulling.callAll();
      pulling.clock.advance(HOUR_MS);
      touchDeals(pulling, 760);
      pulling.pulls.want();
      pulling.pulls.dieAt = { page: page + pulling.pulls.positions.length, when };
      await pulling.callAll();
      expect(pulling.pulls.deathCount).toBe(1);
      expect(staleIds(pulling)).toEqual([]);
    }
  });

  it.each([3, 4, 5, 6])("misses no deal that changes before request %i", async (at) => {
    const pulling = await complete({ contacts: 100, deals: 760 });
    const ids = touchDeals(pulling, 760);
    pulling.clock.advance(60_000);
    const start = pulling.requests().length;
    let seen = 0;
    pulling.beforeRequest = () => {
      seen += 1;
      if (seen !== at) return;
      for (const index of [0, 260, 700, 759]) {
        const id = ids[index] ?? 0;
        pulling.simulator.control.edit({ action: "rename", entity: "deal", id, name: "changed again" });
      }
    };
    await pulling.callAll();
    // What changed while it was read is at the latest in the next window; what did not change is in this one.
    expect(
      staleIds(pulling).filter((id) => ![0, 260, 700, 759].map((index) => ids[index]).includes(id)),
    ).toEqual([]);
    pulling.clock.advance(HOUR_MS);
    pulling.pulls.want();
    await pulling.callAll();
    expect(staleIds(pulling)).toEqual([]);
    expect(pulling.requests().length).toBeGreaterThan(start);
  });

  it.each([3, 4, 5, 6])("misses no deal when others are deleted before request %i", async (at) => {
    const pulling = await complete({ contacts: 100, deals: 760 });
    const ids = touchDeals(pulling, 760);
    let seen = 0;
    pulling.beforeRequest = () => {
      seen += 1;
      if (seen !== at) return;
      for (const index of [759, 758, 600, 400]) {
        pulling.simulator.control.edit({ action: "delete_deal", deal_id: ids[index] ?? 0 });
      }
    };
    await pulling.callAll();
    expect(staleIds(pulling)).toEqual([]);
    expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
  });

  it("buries what was deleted", async () => {
    const pulling = await complete({ contacts: 300, deals: 300 });
    const { contacts, deals } = livingIds(pulling.simulator);
    pulling.simulator.control.edit({ action: "delete_contact", contact_id: contacts[7] ?? 0 });
    pulling.simulator.control.edit({ action: "delete_deal", deal_id: deals[9] ?? 0 });
    await pulling.callAll();
    expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
    expect(pulling.pulls.mirror.contact.get(contacts[7] ?? 0)?.isDeleted).toBe(true);
  });

  it("is recorded as failed when the database refuses the deletions, and stands where it stood", async () => {
    const pulling = await complete({ contacts: 300, deals: 0 });
    const { contacts } = livingIds(pulling.simulator);
    for (const id of contacts) pulling.simulator.control.edit({ action: "delete_contact", contact_id: id });
    pulling.pulls.refusesDeletions = true;
    const report = await pulling.call();
    expect(report?.stoppedBy).toBe("mass_deletion");
    expect(pulling.pulls.failures).toEqual(["mass_deletion"]);
    expect(mirroredIds(pulling.pulls).contacts).toEqual(contacts);
    expect(pulling.pulls.cursors.contact.position?.phase).toBe("deleted");
  });
});

describe("on an account that ignores filters", () => {
  const IGNORING = { lists: { filters_need_paid_option: true } };

  it("the first pull reads all deals instead of those by id", async () => {
    const pulling = createPulling({ contacts: 600, deals: 900 }, IGNORING);
    await pulling.callAll();
    expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
  });

  it("changes are read until older rows come, not through the whole list", async () => {
    const pulling = await complete({ contacts: 1250, deals: 1250 }, IGNORING);
    touchDeals(pulling, 600, 1000);
    await pulling.callAll();
    expect(staleIds(pulling)).toEqual([]);
    // Two of them are for learning, at the first full page, that the filter is ignored.
    expect(pulling.requests().length).toBeLessThanOrEqual(10);
  });
});
