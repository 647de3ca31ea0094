import type { EntityKind } from "./models.ts";
import type { World } from "./world.ts";

/** Whether an entity that is there is left out of reads by its id now: as `lists.blank_by_id` says, and once in its life. */
export function isBlank(world: World, kind: EntityKind, id: number): boolean {
  const { probability, for_ms } = world.settings.lists.blank_by_id;
  if (probability === 0) return false;
  const { blankUntilMs } = world.store;
  const key = `${kind}.${id}`;
  const now = world.ports.now();
  const known = blankUntilMs.get(key);
  if (known !== undefined) return now < known;
  if (world.ports.random() >= probability) return false;
  blankUntilMs.set(key, now + for_ms);
  return true;
}
