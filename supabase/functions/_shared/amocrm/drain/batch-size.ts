import type { Configuration } from "../configuration.ts";
import type { Outbox } from "./port.ts";

/** How many items may travel together: as set, or fewer while amoCRM answers large batches with a timeout or 504. */
export interface BatchSize {
  /** The bound in force; null if there is none but the settings'. */
  bound(): number | null;
  /** A request with that many items was too much: half as many from now on. */
  shrink(itemCount: number): Promise<void>;
  /** A request with that many items went through: if it was at the bound, twice as many may be tried. */
  grow(itemCount: number): Promise<void>;
}

/**
 * Keeps the bound in the database, so that the next drain does not run into the same timeout. What is larger than the usual
 * batches, as notes are, has a bound of its own: it is tried in full again after an hour, since each try that fails leaves
 * hundreds in doubt.
 */
export function createBatchSize(settings: Configuration["settings"], outbox: Outbox): BatchSize {
  const full = Math.max(settings.batch_size, settings.patch_batch_size);
  let current = settings.batch_size_in_force;
  let large = settings.large_batch_size_in_force;

  async function change(size: number | null): Promise<void> {
    if (size === current) return;
    current = size;
    await outbox.limitBatches(size);
  }

  return {
    bound: () => current ?? large,
    async shrink(itemCount) {
      const half = Math.max(1, Math.floor(itemCount / 2));
      if (itemCount <= full) return change(half);
      large = Math.max(full, half);
      await outbox.limitLargeBatches(large);
    },
    async grow(itemCount) {
      if (current === null || itemCount < current) return;
      await change(current * 2 >= full ? null : current * 2);
    },
  };
}
