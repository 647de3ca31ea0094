import { z } from "zod";
import {
  Code,
  Flag,
  Id,
  List,
  Name,
  OptionalId,
  OptionalSeconds,
  Rows,
  readable,
  readableAmong,
  Seconds,
  Sort,
  shapesByKey,
  Text,
} from "./answer-parts.ts";
import type { Contact, CustomField, Deal, Field, Note, Page, Pipeline, Task, User } from "./entities.ts";

/*
 * The shapes we rely on, nothing more: unknown keys are ignored, and a row can be read if it has its id, because a whole page
 * must not fail for one odd row. A row without is dropped, and counted.
 */

const RawValue = z.looseObject({ value: z.unknown(), enum_id: OptionalId, enum_code: Code, enum: Code });

const RawField = z.looseObject({ field_id: OptionalId, field_code: Code, field_type: Code, values: Rows });

function fieldOf(raw: unknown): Field[] {
  const field = RawField.safeParse(raw);
  if (!field.success) return [];
  const { field_id, field_code, field_type, values } = field.data;
  return [
    { fieldId: field_id, fieldCode: field_code, fieldType: field_type, values: values.map(fieldValueOf) },
  ];
}

function fieldValueOf(raw: unknown): Field["values"][number] {
  const parsed = RawValue.safeParse(raw);
  if (!parsed.success) return { value: raw, enumId: null, enumCode: null };
  const { value, enum_id, enum_code } = parsed.data;
  // One documented sample calls the code `enum` (amocrm-api.md 3.7).
  return { value, enumId: enum_id, enumCode: enum_code ?? parsed.data.enum };
}

const References = readable(z.looseObject({ id: Id }).transform(({ id }) => id));

const Embedded = z
  .looseObject({
    leads: References,
    companies: References,
    contacts: readable(
      z.looseObject({ id: Id, is_main: Flag }).transform(({ id, is_main }) => ({ id, isMain: is_main })),
    ),
    tags: readable(z.looseObject({ name: Name }).transform(({ name }) => name)),
  })
  // PHP writes an empty object as a list.
  .catch({ leads: [], companies: [], contacts: [], tags: [] });

/** A contact of a list or by itself. */
export const ContactRow = z
  .looseObject({
    id: Id,
    name: Name,
    created_at: Seconds,
    updated_at: Seconds,
    is_deleted: Flag,
    responsible_user_id: OptionalId,
    custom_fields_values: Rows,
    _embedded: Embedded,
  })
  .transform(
    (row): Contact => ({
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      isDeleted: row.is_deleted,
      responsibleUserId: row.responsible_user_id,
      companyId: row._embedded.companies[0] ?? null,
      dealIds: row._embedded.leads,
      fields: row.custom_fields_values.flatMap(fieldOf),
      rawFields: row.custom_fields_values,
    }),
  );

/** A contact as our mirror keeps it; what the mirror does not keep is neutral. */
export const StoredContact = z.object({ id: Id, name: Name, dealIds: readable(Id), fields: Rows }).transform(
  (row): Contact => ({
    id: row.id,
    name: row.name,
    createdAt: 0,
    updatedAt: 0,
    isDeleted: false,
    responsibleUserId: null,
    companyId: null,
    dealIds: row.dealIds,
    fields: row.fields.flatMap(fieldOf),
    rawFields: row.fields,
  }),
);

/** A deal of a list or by itself. */
export const DealRow = z
  .looseObject({
    id: Id,
    name: Name,
    price: z.number().nullish().catch(null),
    pipeline_id: OptionalId,
    status_id: OptionalId,
    responsible_user_id: OptionalId,
    created_at: Seconds,
    updated_at: Seconds,
    closed_at: OptionalSeconds,
    updated_by: z.int().nonnegative().nullish().catch(null),
    is_deleted: Flag,
    custom_fields_values: Rows,
    _embedded: Embedded,
  })
  .transform(
    (row): Deal => ({
      id: row.id,
      name: row.name,
      price: row.price ?? null,
      pipelineId: row.pipeline_id,
      statusId: row.status_id,
      responsibleUserId: row.responsible_user_id,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      closedAt: row.closed_at,
      updatedBy: row.updated_by ?? null,
      isDeleted: row.is_deleted,
      companyId: row._embedded.companies[0] ?? null,
      contacts: row._embedded.contacts,
      tags: row._embedded.tags,
      fields: row.custom_fields_values.flatMap(fieldOf),
      rawFields: row.custom_fields_values,
    }),
  );

/** A plain note. */
export const NoteRow = z
  .looseObject({
    id: Id,
    entity_id: Id,
    created_at: Seconds,
    params: z.looseObject({ text: Text }).nullish().catch(null),
  })
  .transform(
    (row): Note => ({
      id: row.id,
      entityId: row.entity_id,
      text: row.params?.text ?? "",
      createdAt: row.created_at,
    }),
  );

/** A task. */
export const TaskRow = z
  .looseObject({ id: Id, entity_id: OptionalId, text: Text })
  .transform((row): Task => ({ id: row.id, entityId: row.entity_id, text: row.text }));

/** The account. */
export const AccountRow = z
  .looseObject({ id: Id, name: Name, subdomain: Text, current_user_id: OptionalId })
  .transform(({ id, name, subdomain, current_user_id }) => ({
    id,
    name,
    subdomain,
    currentUserId: current_user_id,
  }));

/** A user; one whose rights say nothing of being active is taken for active. */
export const UserRow = z
  .looseObject({
    id: Id,
    name: Name,
    rights: z
      .looseObject({ is_active: z.boolean().nullish().catch(null) })
      .nullish()
      .catch(null),
  })
  .transform(({ id, name, rights }): User => ({ id, name, isActive: rights?.is_active !== false }));

/** The type that marks the system's stage of unsorted incoming leads (amocrm-api.md 3.7). */
const UNSORTED_STAGE_TYPE = 1;

const StageRow = z
  .looseObject({ id: Id, name: Name, sort: Sort, type: Sort })
  .transform(({ id, name, sort, type }) => ({ id, name, sort, isUnsorted: type === UNSORTED_STAGE_TYPE }));

/** A pipeline with its stages. */
export const PipelineRow = z
  .looseObject({
    id: Id,
    name: Name,
    sort: Sort,
    is_main: Flag,
    is_archive: Flag,
    _embedded: z.looseObject({ statuses: readable(StageRow) }).catch({ statuses: [] }),
  })
  .transform(
    ({ id, name, sort, is_main, is_archive, _embedded }): Pipeline => ({
      id,
      name,
      sort,
      isMain: is_main,
      isArchive: is_archive,
      stages: _embedded.statuses,
    }),
  );

/** The definition of a custom field. */
export const CustomFieldRow = z
  .looseObject({
    id: Id,
    name: Name,
    code: Code,
    type: Text,
    is_api_only: Flag,
    enums: readable(z.looseObject({ id: Id, value: Text, code: Code })),
  })
  .transform(
    ({ id, name, code, type, is_api_only, enums }): CustomField => ({
      id,
      name,
      code,
      type,
      isApiOnly: is_api_only,
      enums: enums.map((one) => ({ id: one.id, value: one.value, code: one.code })),
    }),
  );

const AnyObject = z.looseObject({});
const pageShapeOf = shapesByKey((key) =>
  z.looseObject({
    _links: z.looseObject({ next: z.unknown() }).nullish().catch(null),
    _embedded: z.looseObject({ [key]: List }),
  }),
);

/** One row that was asked for by its id, which it may therefore lack. */
export function rowWithId<T>(id: number, row: z.ZodType<T>) {
  return AnyObject.transform((one): unknown => (Id.safeParse(one["id"]).success ? one : { ...one, id })).pipe(
    row as z.ZodType<T, unknown>,
  );
}

/** So many rows of which none can be read are no odd rows: then the answer has another shape, and tells nothing. */
const ALL_ODD_COUNT = 5;

/**
 * A HAL list whose rows are under `_embedded[key]`; whether there is a next page is amoCRM's own link. What cannot be read is
 * left out, and told.
 */
export function pageOf<T>(
  key: string,
  row: z.ZodType<T>,
  dropped: (count: number) => void,
): z.ZodType<Page<T>> {
  return pageShapeOf(key).transform((page, context) => {
    const members = page._embedded[key] as unknown[];
    const rows = readableAmong(members, row);
    if (rows.length === 0 && members.length >= ALL_ODD_COUNT) {
      context.addIssue({ code: "custom", message: "no row can be read", path: ["_embedded", key] });
      return z.NEVER;
    }
    dropped(members.length - rows.length);
    const gap = rows.length === members.length ? -1 : members.findIndex((one) => !row.safeParse(one).success);
    const next = page._links?.next;
    // Some lists cannot be counted and link on from each page.
    const hasMore = members.length !== 0 && next !== undefined && next !== null;
    return gap < 0 ? { rows, hasMore } : { rows, hasMore, gapAfter: gap };
  });
}
