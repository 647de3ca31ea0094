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

function presentFields(store: AccountStore, kind: EntityKind, entity: Entity) {
  if (entity.fields.size === 0) return null;
  return [...entity.fields].flatMap(([fieldId, values]) => {
    const field = store.fieldById(kind, fieldId);
    // A field deleted in the account's settings takes its values with it.
    if (field === undefined) return [];
    const { id, name, code, type } = field;
    return [
      {
        field_id: id,
        field_name: name,
        field_code: code,
        field_type: type,
        values: values.map((value) => ({ ...value })),
      },
    ];
  });
}

function presentTags(store: AccountStore, kind: EntityKind, entity: Entity) {
  return entity.tag_ids.flatMap((id) => {
    const tag = store.tags[kind].get(id);
    return tag === undefined ? [] : [{ ...tag }];
  });
}

function presentCompanyLink(view: View, companyId: number | null) {
  return companyId === null ? [] : [{ id: companyId, _links: self(view, `companies/${companyId}`) }];
}

function presentBase(store: AccountStore, kind: EntityKind, entity: Entity) {
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
export function presentContact(store: AccountStore, contact: Contact, view: View) {
  const deals = () =>
    [...contact.deal_ids]
      .filter((id) => store.deals.get(id)?.is_deleted === false)
      .map((id) => ({ id, _links: self(view, `leads/${id}`) }));
  return {
    ...presentBase(store, "contacts", contact),
    first_name: contact.first_name,
    last_name: contact.last_name,
    is_unsorted: false,
    _links: self(view, `contacts/${contact.id}`),
    _embedded: {
      tags: presentTags(store, "contacts", contact),
      companies: presentCompanyLink(view, contact.company_id),
      ...(view.with.has("leads") ? { leads: deals() } : {}),
      ...(view.with.has("customers") ? { customers: [] } : {}),
      ...(view.with.has("catalog_elements") ? { catalog_elements: [] } : {}),
    },
  };
}

/** A deal as lists and single reads show it; contacts only with `with=contacts`. */
export function presentDeal(store: AccountStore, deal: Deal, view: View) {
  const contacts = () =>
    deal.contacts
      .filter(({ id }) => store.contacts.get(id)?.is_deleted === false)
      .map((link) => ({ ...link, _links: self(view, `contacts/${link.id}`) }));
  const reasons = () => store.seed.loss_reasons.filter((reason) => reason.id === deal.loss_reason_id);
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
    _embedded: {
      tags: presentTags(store, "leads", deal),
      companies: presentCompanyLink(view, deal.company_id),
      ...(view.with.has("contacts") ? { contacts: contacts() } : {}),
      ...(view.with.has("catalog_elements") ? { catalog_elements: [] } : {}),
      ...(view.with.has("loss_reason") ? { loss_reason: reasons() } : {}),
    },
  };
}

export function presentCompany(store: AccountStore, company: Company, view: View) {
  return {
    ...presentBase(store, "companies", company),
    _links: self(view, `companies/${company.id}`),
    _embedded: { tags: presentTags(store, "companies", company) },
  };
}

export function presentNote(store: AccountStore, note: Note, view: View) {
  const { entity_kind, ...shown } = note;
  return {
    ...structuredClone(shown),
    group_id: 0,
    account_id: store.seed.account.id,
    _links: self(view, `${entity_kind}/${note.entity_id}/notes/${note.id}`),
  };
}

export function presentTask(store: AccountStore, task: Task, view: View) {
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
) {
  return {
    ...stage,
    pipeline_id: pipeline.id,
    account_id: store.seed.account.id,
    _links: self(view, `leads/pipelines/${pipeline.id}/statuses/${stage.id}`),
  };
}

export function presentPipeline(store: AccountStore, pipeline: Pipeline, view: View) {
  const { stages, ...shown } = pipeline;
  return {
    ...shown,
    account_id: store.seed.account.id,
    _links: self(view, `leads/pipelines/${pipeline.id}`),
    _embedded: { statuses: stages.map((stage) => presentStage(store, { pipeline, stage }, view)) },
  };
}

export function presentField(store: AccountStore, field: Field, view: View) {
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

export function presentUser(user: User, view: View) {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    lang: user.lang,
    rights: { is_admin: user.is_admin, is_free: false, is_active: user.is_active },
    _links: self(view, `users/${user.id}`),
  };
}
