import type {
  Company,
  Contact,
  Deal,
  Entity,
  EntityKind,
  Field,
  Note,
  Pipeline,
  Stage,
  Task,
  User,
} from "../account/models.ts";
import type { AccountStore } from "../account/store.ts";

/** What an answer may show beyond the plain entity. */
export interface View {
  origin: string;
  with: Set<string>;
}

function self(view: View, path: string): { self: { href: string } } {
  return { self: { href: `${view.origin}/api/v4/${path}` } };
}

function presentFields(store: AccountStore, kind: EntityKind, entity: Entity): unknown[] | null {
  if (entity.fields.size === 0) return null;
  const shown: unknown[] = [];
  for (const [fieldId, values] of entity.fields) {
    const field = store.fieldById(kind, fieldId);
    // A field deleted in the account's settings takes its values with it.
    if (field === undefined) continue;
    shown.push({
      field_id: field.id,
      field_name: field.name,
      field_code: field.code,
      field_type: field.type,
      values,
    });
  }
  return shown;
}

function presentTags(store: AccountStore, kind: EntityKind, entity: Entity): unknown[] {
  return entity.tag_ids.flatMap((id) => store.tags[kind].get(id) ?? []);
}

function presentBase(store: AccountStore, kind: EntityKind, entity: Entity): Record<string, unknown> {
  return {
    id: entity.id,
    name: entity.name,
    responsible_user_id: entity.responsible_user_id,
    group_id: entity.group_id,
    created_by: entity.created_by,
    updated_by: entity.updated_by,
    created_at: entity.created_at,
    updated_at: entity.updated_at,
    closest_task_at: entity.closest_task_at,
    is_deleted: entity.is_deleted,
    custom_fields_values: presentFields(store, kind, entity),
    account_id: store.seed.account.id,
  };
}

/** A contact as lists and single reads show it; deals only with `with=leads`, and then as ids. */
export function presentContact(store: AccountStore, contact: Contact, view: View): Record<string, unknown> {
  const companies =
    contact.company_id === null
      ? []
      : [{ id: contact.company_id, _links: self(view, `companies/${contact.company_id}`) }];
  const embedded: Record<string, unknown> = { tags: presentTags(store, "contacts", contact), companies };
  if (view.with.has("leads")) {
    embedded["leads"] = [...contact.deal_ids]
      .filter((id) => store.deals.get(id)?.is_deleted === false)
      .map((id) => ({ id, _links: self(view, `leads/${id}`) }));
  }
  if (view.with.has("customers")) embedded["customers"] = [];
  if (view.with.has("catalog_elements")) embedded["catalog_elements"] = [];
  return {
    ...presentBase(store, "contacts", contact),
    first_name: contact.first_name,
    last_name: contact.last_name,
    is_unsorted: false,
    _links: self(view, `contacts/${contact.id}`),
    _embedded: embedded,
  };
}

/** A deal as lists and single reads show it; contacts only with `with=contacts`. */
export function presentDeal(store: AccountStore, deal: Deal, view: View): Record<string, unknown> {
  const companies =
    deal.company_id === null
      ? []
      : [{ id: deal.company_id, _links: self(view, `companies/${deal.company_id}`) }];
  const embedded: Record<string, unknown> = { tags: presentTags(store, "leads", deal), companies };
  if (view.with.has("contacts")) {
    embedded["contacts"] = deal.contacts
      .filter(({ id }) => store.contacts.get(id)?.is_deleted === false)
      .map((link) => ({ ...link, _links: self(view, `contacts/${link.id}`) }));
  }
  if (view.with.has("catalog_elements")) embedded["catalog_elements"] = [];
  if (view.with.has("loss_reason")) {
    embedded["loss_reason"] = store.seed.loss_reasons.filter((reason) => reason.id === deal.loss_reason_id);
  }
  return {
    ...presentBase(store, "leads", deal),
    price: Math.trunc(deal.price),
    status_id: deal.status_id,
    pipeline_id: deal.pipeline_id,
    loss_reason_id: deal.loss_reason_id,
    ...(view.with.has("source_id") ? { source_id: deal.source_id } : {}),
    closed_at: deal.closed_at,
    score: null,
    labor_cost: null,
    _links: self(view, `leads/${deal.id}`),
    _embedded: embedded,
  };
}

export function presentCompany(store: AccountStore, company: Company, view: View): Record<string, unknown> {
  return {
    ...presentBase(store, "companies", company),
    _links: self(view, `companies/${company.id}`),
    _embedded: { tags: presentTags(store, "companies", company) },
  };
}

export function presentNote(store: AccountStore, note: Note, view: View): Record<string, unknown> {
  const { entity_kind, ...shown } = note;
  return {
    ...shown,
    group_id: 0,
    account_id: store.seed.account.id,
    _links: self(view, `${entity_kind}/${note.entity_id}/notes/${note.id}`),
  };
}

export function presentTask(store: AccountStore, task: Task, view: View): Record<string, unknown> {
  const { result_text, ...shown } = task;
  return {
    ...shown,
    updated_by: task.created_by,
    group_id: 0,
    account_id: store.seed.account.id,
    result: result_text === null ? [] : { text: result_text },
    _links: self(view, `tasks/${task.id}`),
  };
}

export function presentStage(
  store: AccountStore,
  { pipeline, stage }: { pipeline: Pipeline; stage: Stage },
  view: View,
): Record<string, unknown> {
  return {
    ...stage,
    pipeline_id: pipeline.id,
    account_id: store.seed.account.id,
    _links: self(view, `leads/pipelines/${pipeline.id}/statuses/${stage.id}`),
  };
}

export function presentPipeline(
  store: AccountStore,
  pipeline: Pipeline,
  view: View,
): Record<string, unknown> {
  const { stages, ...shown } = pipeline;
  return {
    ...shown,
    account_id: store.seed.account.id,
    _links: self(view, `leads/pipelines/${pipeline.id}`),
    _embedded: { statuses: stages.map((stage) => presentStage(store, { pipeline, stage }, view)) },
  };
}

export function presentField(store: AccountStore, field: Field, view: View): Record<string, unknown> {
  const { entity, ...shown } = field;
  return {
    ...shown,
    account_id: store.seed.account.id,
    entity_type: entity,
    group_id: null,
    required_statuses: [],
    _links: self(view, `${entity}/custom_fields/${field.id}`),
  };
}

export function presentUser(user: User, view: View): Record<string, unknown> {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    lang: user.lang,
    rights: { is_admin: user.is_admin, is_free: false, is_active: user.is_active },
    _links: self(view, `users/${user.id}`),
  };
}
