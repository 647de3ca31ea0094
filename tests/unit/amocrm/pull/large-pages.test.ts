import { expect, it } from "vitest";
import { shrink } from "#shared/amocrm/pull/shrink.ts";
import { createPulling, livingIds, mirroredIds, type Pulling } from "./support/pulling.ts";

/** Makes each contact's answer so long that 125 of them are over 8 MiB. */
function fatten({ simulator }: Pulling, round: string, letters = 40_000): void {
  for (const id of livingIds(simulator).contacts) {
    simulator.control.edit({
      action: "rename",
      entity: "contact",
      id,
      name: `${round} ${id} ${"ы".repeat(letters)}`,
    });
  }
}

it("a page that is too large to be read is read in parts, from the first pull on", {
  timeout: 120_000,
}, async () => {
  const pulling = createPulling({ contacts: 130, deals: 0 });
  fatten(pulling, "first");
  await pulling.callAll();
  expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
  pulling.clock.advance(3_600_000);
  fatten(pulling, "again");
  pulling.pulls.want();
  await pulling.callAll();
  expect([...pulling.pulls.mirror.contact.values()].every(({ name }) => name.startsWith("again"))).toBe(true);
  expect(pulling.pulls.failures).toEqual([]);
});

it("a contact whose answer alone is too large is left out and noted", { timeout: 120_000 }, async () => {
  const pulling = createPulling({ contacts: 3, deals: 0 });
  const [, fat] = livingIds(pulling.simulator).contacts;
  pulling.simulator.control.edit({
    action: "rename",
    entity: "contact",
    id: fat ?? 0,
    name: "ы".repeat(5_000_000),
  });
  await pulling.callAll();
  expect([...pulling.pulls.mirror.contact.keys()]).toEqual(
    livingIds(pulling.simulator).contacts.filter((id) => id !== fat),
  );
  expect(pulling.pulls.failures).toContain("Its answer alone is too large to be read");
});

it("smaller pages begin where the larger one did", () => {
  const base = {
    kind: "window",
    startedAt: 9,
    changedFrom: 1,
    deletedFrom: 1,
    clockOffset: 0,
    limit: 250,
    hasWalked: false,
    isUnordered: false,
  } as const;
  const deleted = {
    ...base,
    phase: "deleted",
    page: 3,
    passCount: 0,
    isSuspect: false,
    isLong: true,
  } as const;
  expect(shrink(deleted)).toMatchObject({ limit: 125, page: 5 });
  expect(shrink({ ...deleted, limit: 5 })).toMatchObject({ limit: 1, page: 11 });
  expect(shrink({ ...deleted, limit: 1 })).toBeNull();
});
