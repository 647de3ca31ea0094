import type { EntityKind, Note } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { NoteInput } from "../account/write-note.ts";
import { createNote } from "../account/write-note.ts";
import type { Answer } from "../http.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { listAnswer } from "./list-page.ts";
import { presentNote } from "./present.ts";
import { emptyAnswer, halAnswer, problemText } from "./problem.ts";
import { branch, integers, scalar, scalars } from "./query-tree.ts";

const NOTE_TYPES = new Set([
  "common",
  "service_message",
  "extended_service_message",
  "call_in",
  "call_out",
  "sms_in",
  "sms_out",
  "geolocation",
  "attachment",
  "message_cashier",
]);

/** Types that must carry `params.text` (amocrm-api 3.8). */
const TYPES_WITH_TEXT = new Set([
  "common",
  "service_message",
  "extended_service_message",
  "sms_in",
  "sms_out",
]);

/** Both forms of the notes' routes, for each kind of entity. */
export const noteRoutes: Route[] = (["contacts", "leads", "companies"] as const).flatMap((kind): Route[] => [
  { method: "GET", pattern: `/api/v4/${kind}/notes`, handle: (world, call) => listNotes(world, call, kind) },
  { method: "POST", pattern: `/api/v4/${kind}/notes`, handle: (world, call) => addNotes(world, call, kind) },
  {
    method: "GET",
    pattern: `/api/v4/${kind}/notes/:noteId`,
    handle: (world, call) => getNote(world, call, kind),
  },
  {
    method: "GET",
    pattern: `/api/v4/${kind}/:id/notes`,
    handle: (world, call) => listNotes(world, call, kind),
  },
  {
    method: "POST",
    pattern: `/api/v4/${kind}/:id/notes`,
    handle: (world, call) => addNotes(world, call, kind),
  },
  {
    method: "GET",
    pattern: `/api/v4/${kind}/:id/notes/:noteId`,
    handle: (world, call) => getNote(world, call, kind),
  },
]);

function listNotes(world: World, call: Call, kind: EntityKind): Answer {
  const filter = branch(call.query, "filter");
  const entityIds = call.params["id"] === undefined ? integers(filter, "entity_id") : [idParam(call, "id")];
  const ids = integers(filter, "id");
  const types = scalars(filter, "note_type");
  const from = changedAfter(filter);
  const to = integers(branch(filter, "updated_at"), "to")[0] ?? Number.POSITIVE_INFINITY;
  const rows = world.store
    .notesOf(kind, entityIds)
    .filter(
      (note) =>
        (ids.length === 0 || ids.includes(note.id)) &&
        (types.length === 0 || types.includes(note.note_type)) &&
        note.updated_at >= from &&
        note.updated_at <= to,
    );
  const view = { origin: call.url.origin, with: new Set<string>() };
  return listAnswer(world, call, {
    name: "notes",
    rows,
    orderKeys: ["updated_at", "id"],
    present: (note) => presentNote(world.store, note, view),
  });
}

/** A bare `filter[updated_at]` means "changed after" here, unlike on contacts and deals (amocrm-api 3.6). */
function changedAfter(filter: ReturnType<typeof branch>): number {
  const bare = Number(scalar(filter, "updated_at"));
  if (Number.isSafeInteger(bare)) return bare + 1;
  return integers(branch(filter, "updated_at"), "from")[0] ?? 0;
}

function getNote(world: World, call: Call, kind: EntityKind): Answer {
  const note = world.store.notes.get(idParam(call, "noteId"));
  const isOther = call.params["id"] !== undefined && note?.entity_id !== idParam(call, "id");
  if (note === undefined || note.entity_kind !== kind || isOther) return emptyAnswer();
  return halAnswer(presentNote(world.store, note, { origin: call.url.origin, with: new Set() }));
}

function addNotes(world: World, call: Call, kind: EntityKind): Answer {
  const pathId = call.params["id"] === undefined ? undefined : idParam(call, "id");
  if (pathId !== undefined && world.store.living(kind, pathId) === undefined) {
    return problemText(world.settings, 404, "notFound");
  }
  const { origin } = call.url;
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => readNote(world, item, { kind, pathId }),
    write: (input, requestId) => ({ note: createNote(world, input, call.userId), requestId }),
    answer: (written) =>
      halAnswer({
        _links: { self: { href: `${origin}${call.url.pathname}` } },
        _embedded: { notes: written.map(({ note, requestId }) => noteLine(origin, note, requestId)) },
      }),
  });
}

function noteLine(origin: string, note: Note, requestId: string): Record<string, unknown> {
  const href = `${origin}/api/v4/${note.entity_kind}/${note.entity_id}/notes/${note.id}`;
  return { id: note.id, entity_id: note.entity_id, request_id: requestId, _links: { self: { href } } };
}

function readNote(
  world: World,
  item: ItemReader,
  options: { kind: EntityKind; pathId: number | undefined },
): NoteInput {
  const { kind, pathId } = options;
  if (pathId === undefined && !item.has("entity_id")) item.fail("FieldMissing", "entity_id");
  const entityId =
    pathId ?? item.choice("entity_id", (id) => world.store.living(kind, id) !== undefined) ?? 0;
  const type = item.text("note_type") ?? "common";
  if (!NOTE_TYPES.has(type)) item.fail("NotSupportedChoice", "note_type");
  const params = item.object("params");
  if (TYPES_WITH_TEXT.has(type)) {
    const text = params?.text("text");
    if (text === undefined && typeof item.raw("params") !== "object") item.fail("FieldMissing", "params");
    else if (text === undefined && params?.raw("text") === undefined) params?.fail("FieldMissing", "text");
    else if (text === "") params?.fail("NotBlank", "text");
  }
  const isAuthor = (id: number) => id === 0 || world.store.isActiveUser(id);
  return {
    kind,
    entityId,
    type,
    params: (item.raw("params") ?? {}) as Record<string, unknown>,
    createdBy: item.choice("created_by", isAuthor),
    responsibleUserId: item.choice("responsible_user_id", (id) => world.store.isActiveUser(id)),
    createdAt: item.integer("created_at"),
  };
}
