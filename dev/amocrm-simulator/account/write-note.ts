import type { EntityKind, Note } from "./models.ts";
import { storedText } from "./store-text.ts";
import type { World } from "./world.ts";
import { ENTITY_TYPE, touch } from "./write-entity.ts";

/** A note to be made; undefined members were not sent. */
export interface NoteInput {
  kind: EntityKind;
  entityId: number;
  type: string;
  params: Record<string, unknown>;
  createdBy: number | undefined;
  responsibleUserId: number | undefined;
  createdAt: number | undefined;
}

/** Makes a note. Whether it changes its entity's `updated_at` is not recorded, so a setting decides. */
export function createNote(world: World, input: NoteInput, userId: number): Note {
  const { store } = world;
  const now = store.nowSeconds();
  const entity = store.living(input.kind, input.entityId);
  const note: Note = {
    id: store.nextId("notes"),
    entity_kind: input.kind,
    entity_id: input.entityId,
    note_type: input.type,
    params: storedParams(world, input.params),
    created_by: input.createdBy ?? userId,
    updated_by: input.createdBy ?? userId,
    responsible_user_id: input.responsibleUserId ?? entity?.responsible_user_id ?? userId,
    created_at: input.createdAt ?? now,
    updated_at: now,
  };
  store.addNote(note);
  if (entity !== undefined && world.settings.writes.note_touches_updated_at)
    touch(world, entity, note.created_by);
  store.record({
    type: `${input.type}_note_added`,
    entity_id: input.entityId,
    entity_type: ENTITY_TYPE[input.kind],
    created_by: note.created_by,
    value_after: [{ note: { id: note.id } }],
  });
  return note;
}

function storedParams(world: World, params: Record<string, unknown>): Record<string, unknown> {
  const { text } = params;
  return typeof text === "string" ? { ...params, text: storedText(world, text) } : params;
}
