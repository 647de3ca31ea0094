import type { EntityKind, Field, FieldType } from "../account/models.ts";
import { FIELD_TYPES } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { listAnswer } from "./list-page.ts";
import { presentField } from "./present.ts";
import { halAnswer, problemText } from "./problem.ts";

const ENUM_TYPES = new Set<FieldType>(["select", "radiobutton", "multiselect"]);

export const customFieldRoutes: Route[] = (["contacts", "leads", "companies"] as const).flatMap(
  (kind): Route[] => [
    {
      method: "GET",
      pattern: `/api/v4/${kind}/custom_fields`,
      handle: (world, call) => listFields(world, call, kind),
    },
    {
      method: "POST",
      pattern: `/api/v4/${kind}/custom_fields`,
      handle: (world, call) => addFields(world, call, kind),
    },
    {
      method: "GET",
      pattern: `/api/v4/${kind}/custom_fields/:id`,
      handle: (world, call) => getField(world, call, kind),
    },
  ],
);

function listFields(world: World, call: Call, kind: EntityKind): Answer {
  const view = { origin: call.url.origin, with: new Set<string>() };
  return listAnswer(world, call, {
    name: "custom_fields",
    rows: world.store.fieldsOf(kind),
    orderKeys: ["id", "sort"],
    hasTotal: true,
    present: (field) => presentField(world.store, field, view),
  });
}

function getField(world: World, call: Call, kind: EntityKind): Answer {
  const field = world.store.fieldById(kind, idParam(call, "id"));
  if (field === undefined) return problemText(world.settings, 404, "notFound");
  return halAnswer(presentField(world.store, field, { origin: call.url.origin, with: new Set() }));
}

interface FieldInput {
  name: string;
  type: FieldType;
  code: string | undefined;
  sort: number | undefined;
  isApiOnly: boolean;
  enums: { value: string; sort: number | undefined; code: string | undefined }[];
}

/** Makes fields. Its status is 200 by the common pattern, 201 in one Kommo sample: a setting plays both. */
function addFields(world: World, call: Call, kind: EntityKind): Answer {
  const view = { origin: call.url.origin, with: new Set<string>() };
  const isSingle = call.body.kind === "json" && !Array.isArray(call.body.value);
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => readField(world, item, kind),
    write: (input, requestId) => ({
      ...presentField(world.store, createField(world, input, kind), view),
      request_id: requestId,
    }),
    answer: (written) =>
      halAnswer(
        isSingle ? written[0] : { _total_items: written.length, _embedded: { custom_fields: written } },
        world.settings.writes.field_create_status,
      ),
  });
}

function readField(world: World, item: ItemReader, kind: EntityKind): FieldInput {
  const name = item.text("name", world.settings.writes.text_max_chars);
  if (name === undefined && !item.has("name")) item.fail("FieldMissing", "name");
  const written = item.text("type");
  if (written === undefined && !item.has("type")) item.fail("FieldMissing", "type");
  const type = FIELD_TYPES.find((candidate) => candidate === written);
  if (written !== undefined && type === undefined) item.fail("NotSupportedChoice", "type");
  const code = item.text("code");
  const isCodeRefused = world.settings.writes.field_codes === "refuse";
  if (code !== undefined && (isCodeRefused || world.store.fieldByCode(kind, code) !== undefined))
    item.fail("InvalidValue", "code");
  const enums = (item.objects("enums") ?? []).map((choice) => ({
    value: choice.text("value") ?? "",
    sort: choice.integer("sort"),
    code: choice.text("code"),
  }));
  if (type !== undefined && ENUM_TYPES.has(type) && enums.length === 0 && !item.has("enums")) {
    item.fail("FieldMissing", "enums");
  }
  return {
    name: name ?? "",
    type: type ?? "text",
    code,
    sort: item.integer("sort"),
    isApiOnly: item.boolean("is_api_only") ?? false,
    enums,
  };
}

function createField(world: World, input: FieldInput, kind: EntityKind): Field {
  const { store } = world;
  const enums = input.enums.map((choice, index) => ({
    id: store.nextId("enums"),
    value: choice.value,
    sort: choice.sort ?? (index + 1) * 10,
    ...(choice.code === undefined ? {} : { code: choice.code }),
  }));
  const id = store.nextId("fields");
  const field: Field = {
    id,
    name: input.name,
    type: input.type,
    code: input.code ?? null,
    sort: input.sort ?? id,
    entity: kind,
    is_predefined: false,
    is_api_only: input.isApiOnly,
    enums: enums.length > 0 ? enums : null,
  };
  store.seed.fields.push(field);
  return field;
}
