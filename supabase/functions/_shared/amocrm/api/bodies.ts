import type {
  ContactChange,
  ContactDraft,
  DealChange,
  DealDraft,
  FieldDraft,
  NewContact,
  NewCustomField,
  NewDeal,
  NewDealWithContact,
  NewNote,
  NewTask,
} from "./drafts.ts";

/** A JSON object; a key that is undefined is not sent. */
export type Json = Record<string, unknown>;

/** amoCRM's task type for "get in touch" (amocrm-api.md 3.9). */
const FOLLOW_UP_TASK_TYPE_ID = 1;

/** Item of `POST /leads/complex`. */
export function dealWithContactBody({ requestId, deal, contact }: NewDealWithContact): Json {
  return {
    ...dealFields(deal),
    request_id: requestId,
    _embedded: { ...newTags(deal.tags), contacts: [newContactFields(contact)] },
  };
}

/** Item of `POST /leads`; the first contact becomes the main one. */
export function dealBody({ requestId, deal, contactIds }: NewDeal): Json {
  return {
    ...dealFields(deal),
    request_id: requestId,
    _embedded: {
      ...newTags(deal.tags),
      contacts: contactIds.map((id, index) => ({ id, is_main: index === 0 })),
    },
  };
}

/** Item of `POST /contacts`. */
export function contactBody({ requestId, contact }: NewContact): Json {
  return { ...newContactFields(contact), request_id: requestId };
}

/** Item of `PATCH /leads`. No `updated_at` is sent: v4 knows no lock by it (amocrm-api.md 3.5). */
export function dealChangeBody({ requestId, id, deal }: DealChange): Json {
  return {
    id,
    ...dealFields(deal),
    ...addedTags(deal.tags),
    ...removedTags(deal.tagsGone),
    request_id: requestId,
  };
}

/** Item of `PATCH /contacts`. */
export function contactChangeBody({ requestId, id, contact }: ContactChange): Json {
  return { id, ...contactFields(contact), ...addedTags(contact.tags), request_id: requestId };
}

/** Item of `POST /{collection}/notes`. */
export function noteBody({ requestId, entityId, text }: NewNote): Json {
  return { entity_id: entityId, note_type: "common", params: { text }, request_id: requestId };
}

/** Item of `POST /tasks`. */
export function taskBody(task: NewTask): Json {
  return {
    entity_type: task.entityType,
    entity_id: task.entityId,
    task_type_id: FOLLOW_UP_TASK_TYPE_ID,
    text: task.text,
    complete_till: task.completeTill,
    responsible_user_id: task.responsibleUserId ?? undefined,
    request_id: task.requestId,
  };
}

/** Item of `POST /{collection}/custom_fields`. */
export function customFieldBody({ requestId, name, type, code, isApiOnly }: NewCustomField): Json {
  return { name, type, code, is_api_only: isApiOnly, request_id: requestId };
}

function dealFields(deal: DealDraft): Json {
  return {
    name: deal.name,
    price: deal.price ?? undefined,
    pipeline_id: deal.pipelineId ?? undefined,
    status_id: deal.statusId ?? undefined,
    responsible_user_id: deal.responsibleUserId ?? undefined,
    custom_fields_values: fieldValues(deal.fields),
  };
}

function contactFields(contact: ContactDraft): Json {
  return {
    name: contact.name,
    responsible_user_id: contact.responsibleUserId ?? undefined,
    custom_fields_values: fieldValues(contact.fields),
  };
}

function newContactFields(contact: ContactDraft): Json {
  const tags = newTags(contact.tags);
  return { ...contactFields(contact), ...(tags.tags === undefined ? {} : { _embedded: tags }) };
}

/** An empty list may be refused, so the key is left out (amocrm-api.md 3.7). */
function fieldValues(fields: readonly FieldDraft[] = []): Json[] | undefined {
  return fields.length === 0 ? undefined : fields.map(fieldBody);
}

function fieldBody({ target, values }: FieldDraft): Json {
  return {
    ...("fieldId" in target ? { field_id: target.fieldId } : { field_code: target.fieldCode }),
    // A field is emptied by null, not by an empty list (amocrm-api.md 3.7).
    values:
      values.length === 0
        ? null
        : values.map(({ value, enumCode, enumId }) => ({ value, enum_code: enumCode, enum_id: enumId })),
  };
}

function newTags(tags: readonly string[] = []): { tags?: { name: string }[] } {
  return tags.length === 0 ? {} : { tags: tags.map((name) => ({ name })) };
}

/** Tags of an existing entity are added one by one: `_embedded.tags` would drop those of other integrations. */
function addedTags(tags: readonly string[] = []): Json {
  return tags.length === 0 ? {} : { tags_to_add: tags.map((name) => ({ name })) };
}

function removedTags(tags: readonly string[] = []): Json {
  return tags.length === 0 ? {} : { tags_to_delete: tags.map((name) => ({ name })) };
}
