/** The kinds of entity that carry custom fields, notes and tags, by the name the API uses in its paths. */
export type EntityKind = "contacts" | "leads" | "companies";

/** Types of custom field the simulator can check and store (amocrm-api 3.7). */
export const FIELD_TYPES = [
  "text",
  "textarea",
  "url",
  "streetaddress",
  "tracking_data",
  "numeric",
  "monetary",
  "checkbox",
  "date",
  "date_time",
  "birthday",
  "select",
  "radiobutton",
  "multiselect",
  "multitext",
  "price",
  "smart_address",
  "legal_entity",
  "chained_list",
  "items",
  "file",
  "linked_entity",
  "payer",
  "supplier",
  "category",
] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

export interface FieldEnum {
  id: number;
  value: string;
  sort: number;
  code?: string;
}

export interface Field {
  id: number;
  name: string;
  type: FieldType;
  code: string | null;
  sort: number;
  entity: EntityKind;
  is_predefined: boolean;
  is_api_only: boolean;
  enums: FieldEnum[] | null;
}

export interface FieldValue {
  value: string | number | boolean | Record<string, unknown>;
  enum_id?: number;
  enum_code?: string | null;
}

export interface User {
  id: number;
  name: string;
  email: string;
  lang: string;
  is_admin: boolean;
  is_active: boolean;
}

export interface Stage {
  id: number;
  name: string;
  sort: number;
  color: string;
  /** 1 marks the Unsorted stage, 0 all others. */
  type: 0 | 1;
  is_editable: boolean;
}

export interface Pipeline {
  id: number;
  name: string;
  sort: number;
  is_main: boolean;
  is_unsorted_on: boolean;
  is_archive: boolean;
  stages: Stage[];
}

export interface Tag {
  id: number;
  name: string;
  color: string | null;
}

/** What contacts, deals and companies have in common; all times are Unix seconds. */
export interface Entity {
  id: number;
  name: string;
  responsible_user_id: number;
  group_id: number;
  created_by: number;
  updated_by: number;
  created_at: number;
  updated_at: number;
  is_deleted: boolean;
  closest_task_at: number | null;
  fields: Map<number, FieldValue[]>;
  tag_ids: number[];
}

export interface Contact extends Entity {
  first_name: string;
  last_name: string;
  company_id: number | null;
  /** Deals this contact hangs on; the other side of `Deal.contacts`. */
  deal_ids: Set<number>;
}

export interface Company extends Entity {
  contact_ids: Set<number>;
  deal_ids: Set<number>;
}

/** A deal: what the API calls a lead. */
export interface Deal extends Entity {
  price: number;
  pipeline_id: number;
  status_id: number;
  loss_reason_id: number | null;
  source_id: number | null;
  closed_at: number | null;
  company_id: number | null;
  contacts: { id: number; is_main: boolean }[];
}

export interface Note {
  id: number;
  entity_kind: EntityKind;
  entity_id: number;
  note_type: string;
  params: Record<string, unknown>;
  created_by: number;
  updated_by: number;
  responsible_user_id: number;
  created_at: number;
  updated_at: number;
}

export interface Task {
  id: number;
  text: string;
  complete_till: number;
  entity_id: number | null;
  entity_type: string | null;
  task_type_id: number;
  responsible_user_id: number;
  duration: number;
  is_completed: boolean;
  result_text: string | null;
  created_by: number;
  created_at: number;
  updated_at: number;
}

/** One line of the account's history, as `GET /api/v4/events` shows it. */
export interface HistoryEvent {
  id: string;
  type: string;
  entity_id: number;
  entity_type: string;
  created_by: number;
  created_at: number;
  value_before: unknown[];
  value_after: unknown[];
}

/** Won: exists in every pipeline and closes the deal. */
export const WON_STATUS_ID = 142;
/** Lost: exists in every pipeline and closes the deal. */
export const LOST_STATUS_ID = 143;
