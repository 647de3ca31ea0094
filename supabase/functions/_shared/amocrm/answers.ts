import { z } from "zod";
import type { Contact, CustomField, Deal, Field, Note, Page, Pipeline, Task, User } from "./entities.ts";

/*
 * The shapes we rely on, nothing more: unknown keys are ignored, and what amoCRM leaves out or sends as null
 * becomes the neutral value, because a whole page must not fail for one odd row.
 */

/** An id of an entity, user, pipeline or stage. */
export const Id = z.int().positive();

const OptionalId = Id.nullish()
  .catch(null)
  .transform((id) => id ?? null);
const Text = z
  .string()
  .nullish()
  .catch("")
  .transform((text) => text ?? "");
const Code = z
  .string()
  .nullish()
  .catch(null)
  .transform((code) => code || null);
const Seconds = z
  .int()
  .nullish()
  .catch(0)
  .transform((seconds) => seconds ?? 0);
const Flag = z
  .boolean()
  .nullish()
  .catch(false)
  .transform((flag) => flag === true);
const Rows = z
  .array(z.unknown())
  .nullish()
  .catch(null)
  .transform((rows) => rows ?? []);

/** The request ids an item answers for: `leads/complex` sends a list, because inputs may be merged. */
export const RequestIds = z
  .union([z.string().transform((id) => [id]), z.array(z.string())])
  .nullish()
  .catch([])
  .transform((ids) => ids ?? []);

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

const Reference = z.looseObject({ id: Id });

const Embedded = z.looseObject({
  leads: z.array(Reference).nullish(),
  companies: z.array(Reference).nullish(),
  contacts: z.array(z.looseObject({ id: Id, is_main: Flag })).nullish(),
  tags: z.array(z.looseObject({ name: Text })).nullish(),
});

/** A contact of a list or by itself. */
export const ContactRow = z
  .looseObject({
    id: Id,
    name: Text,
    created_at: Seconds,
    updated_at: Seconds,
    is_deleted: Flag,
    responsible_user_id: OptionalId,
    custom_fields_values: Rows,
    _embedded: Embedded.nullish(),
  })
  .transform(
    (row): Contact => ({
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      isDeleted: row.is_deleted,
      responsibleUserId: row.responsible_user_id,
      companyId: row._embedded?.companies?.[0]?.id ?? null,
      dealIds: (row._embedded?.leads ?? []).map(({ id }) => id),
      fields: row.custom_fields_values.flatMap(fieldOf),
      rawFields: row.custom_fields_values,
    }),
  );

/** A contact as our mirror keeps it; what the mirror does not keep is neutral. */
export const StoredContact = z
  .object({ id: Id, name: Text, dealIds: z.array(Id), fields: z.array(z.unknown()) })
  .transform(
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
    name: Text,
    price: z.number().nullish().catch(null),
    pipeline_id: OptionalId,
    status_id: OptionalId,
    responsible_user_id: OptionalId,
    created_at: Seconds,
    updated_at: Seconds,
    closed_at: OptionalId,
    is_deleted: Flag,
    custom_fields_values: Rows,
    _embedded: Embedded.nullish(),
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
      isDeleted: row.is_deleted,
      companyId: row._embedded?.companies?.[0]?.id ?? null,
      contacts: (row._embedded?.contacts ?? []).map(({ id, is_main }) => ({ id, isMain: is_main })),
      tags: (row._embedded?.tags ?? []).map(({ name }) => name),
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
  .looseObject({ id: Id, name: Text, subdomain: Text, current_user_id: OptionalId })
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
    name: Text,
    rights: z.looseObject({ is_active: z.boolean().nullish() }).nullish().catch(null),
  })
  .transform(({ id, name, rights }): User => ({ id, name, isActive: rights?.is_active !== false }));

/** The type that marks the system's stage of unsorted incoming leads (amocrm-api.md 3.7). */
const UNSORTED_STAGE_TYPE = 1;

const StageRow = z
  .looseObject({ id: Id, name: Text, sort: Seconds, type: Seconds })
  .transform(({ id, name, sort, type }) => ({ id, name, sort, isUnsorted: type === UNSORTED_STAGE_TYPE }));

/** A pipeline with its stages. */
export const PipelineRow = z
  .looseObject({
    id: Id,
    name: Text,
    sort: Seconds,
    is_main: Flag,
    is_archive: Flag,
    _embedded: z.looseObject({ statuses: z.array(StageRow) }),
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
    name: Text,
    code: Code,
    type: Text,
    is_api_only: Flag,
    enums: z.array(z.looseObject({ id: Id, value: Text, code: Code })).nullish(),
  })
  .transform(
    ({ id, name, code, type, is_api_only, enums }): CustomField => ({
      id,
      name,
      code,
      type,
      isApiOnly: is_api_only,
      enums: (enums ?? []).map((one) => ({ id: one.id, value: one.value, code: one.code })),
    }),
  );

/** A HAL list whose rows are under `_embedded[key]`; whether there is a next page is amoCRM's own link. */
export function pageOf<T>(key: string, row: z.ZodType<T>): z.ZodType<Page<T>> {
  return z
    .looseObject({
      _links: z.looseObject({ next: z.unknown() }).nullish().catch(null),
      _embedded: z.looseObject({ [key]: z.array(row) }),
    })
    .transform((page) => ({
      rows: page._embedded[key] as T[],
      hasMore: page._links?.next !== undefined && page._links.next !== null,
    }));
}
