import { expect, test } from "vitest";
import { createBatchSize } from "#shared/amocrm/drain/batch-size.ts";
import type { Outbox } from "#shared/amocrm/drain/port.ts";
import { ports } from "./support/batching.ts";

/** A batch size over settings, and what it remembered: `large` for what is kept for an hour. */
function remembering(more: Partial<ReturnType<typeof ports>["settings"]> = {}) {
  const kept: (number | null | { large: number })[] = [];
  const outbox = {
    limitBatches: async (size: number | null) => void kept.push(size),
    limitLargeBatches: async (large: number) => void kept.push({ large }),
  } as unknown as Outbox;
  return { kept, batchSize: createBatchSize({ ...ports().settings, ...more }, outbox) };
}

test("a usual batch that was too much is halved, and what goes through doubles it until it is full", async () => {
  const { kept, batchSize } = remembering();
  await batchSize.shrink(50);
  expect(batchSize.bound()).toBe(25);
  await batchSize.shrink(25);
  await batchSize.grow(5);
  expect(batchSize.bound()).toBe(12);
  await batchSize.grow(12);
  await batchSize.grow(24);
  await batchSize.grow(48);
  expect(batchSize.bound()).toBeNull();
  expect(kept).toEqual([25, 12, 24, 48, null]);
});

test("a large request that was too much bounds only what is larger than the usual, and success does not lift it", async () => {
  const { kept, batchSize } = remembering();
  await batchSize.shrink(250);
  expect(batchSize.bound()).toBe(125);
  await batchSize.grow(125);
  await batchSize.grow(50);
  expect(batchSize.bound()).toBe(125);
  await batchSize.shrink(60);
  expect(batchSize.bound()).toBe(50);
  expect(kept).toEqual([{ large: 125 }, { large: 50 }]);
});

test("what the database remembers is in force from the first request on, the smaller one before the larger", () => {
  expect(remembering({ large_batch_size_in_force: 125 }).batchSize.bound()).toBe(125);
  expect(remembering({ large_batch_size_in_force: 125, batch_size_in_force: 6 }).batchSize.bound()).toBe(6);
});
