import type { Entity } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import { isObject } from "../json.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import type { Call } from "./call.ts";
import { idParam } from "./call.ts";
import { problemText } from "./problem.ts";

/** A single PATCH as a batch of one: the id of the path goes into the item. */
export function pathItem(call: Call): Call {
  if (call.body.kind !== "json" || !isObject(call.body.value)) return call;
  return { ...call, body: { kind: "json", value: { ...call.body.value, id: idParam(call, "id") } } };
}

/** 404 for an unknown or deleted target when so set; by default the item's validation answers with 400. */
export function patchTargetCheck<Row extends Entity>(
  world: World,
  entities: Map<number, Row>,
): (items: unknown[]) => Answer | undefined {
  return (items) => {
    if (world.settings.writes.patch_unknown_id !== 404) return undefined;
    const isMissing = items.some((item) => {
      const id = isObject(item) ? item["id"] : undefined;
      return typeof id === "number" && entities.get(id)?.is_deleted !== false;
    });
    return isMissing ? problemText(world.settings, 404, "notFound") : undefined;
  };
}

/** The entity an item of a PATCH is about; an unknown or deleted one is reported under `id`. */
export function readTarget<Row extends Entity>(
  world: World,
  item: ItemReader,
  entities: Map<number, Row>,
): Row | undefined {
  if (!item.has("id")) return item.fail("FieldMissing", "id");
  const id = item.choice("id", (candidate) => entities.get(candidate)?.is_deleted === false);
  const target = id === undefined ? undefined : entities.get(id);
  const sentAt = item.raw("updated_at");
  const isStale = typeof sentAt === "number" && target !== undefined && sentAt <= target.updated_at;
  // The lock of API v2; whether v4 has one is not recorded, so it is off unless set (amocrm-api 3.5).
  if (world.settings.writes.updated_at_lock && isStale) item.fail("StaleUpdate", "updated_at");
  return target;
}
