import type { EntityInput, TagName } from "../validation/validate-entity.ts";
import type { Entity, EntityKind } from "./models.ts";
import { storedText } from "./store-text.ts";
import type { World } from "./world.ts";

/** The API's word for one entity of the kind, as events name it. */
export const ENTITY_TYPE: Record<EntityKind, string> = {
  contacts: "contact",
  leads: "lead",
  companies: "company",
};

/** The members a new entity starts with; the server's clock stamps what the item leaves out. */
export function newEntity(world: World, input: EntityInput, options: { id: number; userId: number }): Entity {
  const now = world.store.nowSeconds();
  return {
    id: options.id,
    name: storedText(world, input.name ?? ""),
    responsible_user_id: input.responsibleUserId ?? options.userId,
    group_id: 0,
    created_by: input.createdBy ?? options.userId,
    updated_by: input.updatedBy ?? options.userId,
    created_at: input.createdAt ?? now,
    updated_at: now,
    is_deleted: false,
    closest_task_at: null,
    fields: new Map(),
    tag_ids: [],
  };
}

/** Lays field values and tags of an item over an entity and tells the history. */
export function applyParts(
  world: World,
  entity: Entity,
  options: { kind: EntityKind; input: EntityInput; userId: number; isNew: boolean },
): void {
  for (const [fieldId, values] of options.input.fields ?? []) {
    const before = entity.fields.get(fieldId) ?? [];
    if (values === null) entity.fields.delete(fieldId);
    else entity.fields.set(fieldId, values);
    if (options.isNew || JSON.stringify(before) === JSON.stringify(values ?? [])) continue;
    world.store.record({
      type: `custom_field_${fieldId}_value_changed`,
      entity_id: entity.id,
      entity_type: ENTITY_TYPE[options.kind],
      created_by: options.userId,
      value_before: before.map(({ value }) => ({ custom_field_value: { text: String(value) } })),
      value_after: (values ?? []).map(({ value }) => ({ custom_field_value: { text: String(value) } })),
    });
  }
  applyTags(world, entity, options);
}

function applyTags(world: World, entity: Entity, options: { kind: EntityKind; input: EntityInput }): void {
  const { replace, add, remove } = options.input.tags;
  const toId = (tag: TagName) =>
    typeof tag === "number" ? tag : world.store.tagByName(options.kind, tag).id;
  if (replace !== undefined) {
    entity.tag_ids = [...new Set(replace.map(toId))];
    return;
  }
  const gone = new Set(remove.map(toId));
  const kept = entity.tag_ids.filter((id) => !gone.has(id));
  entity.tag_ids = [...new Set([...kept, ...add.map(toId)])];
}

/** Changes the common members of an entity that already exists. */
export function changeEntity(
  world: World,
  entity: Entity,
  options: { kind: EntityKind; input: EntityInput; userId: number },
): void {
  const { input, kind, userId } = options;
  if (input.responsibleUserId !== undefined && input.responsibleUserId !== entity.responsible_user_id) {
    world.store.record({
      type: "entity_responsible_changed",
      entity_id: entity.id,
      entity_type: ENTITY_TYPE[kind],
      created_by: userId,
      value_before: [{ responsible_user: { id: entity.responsible_user_id } }],
      value_after: [{ responsible_user: { id: input.responsibleUserId } }],
    });
    const former = entity.responsible_user_id;
    entity.responsible_user_id = input.responsibleUserId;
    world.hooks.note("responsible", entity, { old_responsible_user_id: former });
  }
  if (input.name !== undefined) entity.name = storedText(world, input.name);
  if (input.createdBy !== undefined) entity.created_by = input.createdBy;
  applyParts(world, entity, { ...options, isNew: false });
  touch(world, entity, input.updatedBy ?? userId);
}

/** Stamps a change: whole seconds, always the server's own clock (amocrm-api 8.1, rows 13 and 14). */
export function touch(world: World, entity: Entity, userId: number): void {
  entity.updated_at = world.store.nowSeconds();
  entity.updated_by = userId;
  world.hooks.note("update", entity);
}
