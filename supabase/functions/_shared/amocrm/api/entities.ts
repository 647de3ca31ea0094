/** amoCRM's two collections that we write to; `leads` is its word for what we call deals. */
export type Collection = "contacts" | "leads";

/** In which order changes are listed: latest first, or by id, which no change moves. */
export type ChangeOrder = "latest" | "id";

/** Status of a won deal: the same id in every pipeline (amocrm-api.md 3.7). */
export const WON_STATUS_ID = 142;
/** Status of a lost deal: the same id in every pipeline. */
export const LOST_STATUS_ID = 143;

/** One value of a custom field as read. */
export interface FieldValue {
  value: unknown;
  enumId: number | null;
  enumCode: string | null;
}

/** One custom field of a contact or deal as read. */
export interface Field {
  fieldId: number | null;
  fieldCode: string | null;
  fieldType: string | null;
  values: FieldValue[];
}

/** A contact as read; times in Unix seconds, 0 when absent. `dealIds` needs `with=leads`. */
export interface Contact {
  id: number;
  name: string;
  createdAt: number;
  updatedAt: number;
  isDeleted: boolean;
  responsibleUserId: number | null;
  companyId: number | null;
  dealIds: number[];
  fields: Field[];
  /** `custom_fields_values` as it came, for the mirror. */
  rawFields: unknown[];
}

/** A deal as read; times in Unix seconds, 0 when absent. `contacts` needs `with=contacts`. */
export interface Deal {
  id: number;
  name: string;
  price: number | null;
  pipelineId: number | null;
  statusId: number | null;
  responsibleUserId: number | null;
  createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  /** Who changed it last; 0 is a robot. */
  updatedBy?: number | null;
  isDeleted: boolean;
  companyId: number | null;
  contacts: { id: number; isMain: boolean }[];
  tags: string[];
  fields: Field[];
  /** `custom_fields_values` as it came, for the mirror. */
  rawFields: unknown[];
}

/** The account that the token belongs to. */
export interface Account {
  id: number;
  name: string;
  subdomain: string;
  currentUserId: number | null;
}

/** A stage of a pipeline; `isUnsorted` marks the system's inbox of incoming leads. */
export interface Stage {
  id: number;
  name: string;
  sort: number;
  isUnsorted: boolean;
}

/** A pipeline with its stages in order. */
export interface Pipeline {
  id: number;
  name: string;
  sort: number;
  isMain: boolean;
  isArchive: boolean;
  stages: Stage[];
}

/** The definition of a custom field. */
export interface CustomField {
  id: number;
  name: string;
  code: string | null;
  type: string;
  isApiOnly: boolean;
  enums: { id: number; value: string; code: string | null }[];
}

/** A user of the account. */
export interface User {
  id: number;
  name: string;
  isActive: boolean;
}

/** A plain note; `createdAt` in Unix seconds. */
export interface Note {
  id: number;
  entityId: number;
  text: string;
  createdAt: number;
}

/** A task of a contact or deal. */
export interface Task {
  id: number;
  entityId: number | null;
  text: string;
}

/** One page of a list; `hasMore` is amoCRM's own link to a next page, which some lists always carry: an empty page ends them. */
export interface Page<T> {
  rows: T[];
  hasMore: boolean;
  /** After how many of the rows the first stood that could not be read; absent if all could. */
  gapAfter?: number;
}

/**
 * Rows of a filtered list that match the filter. `filterIgnored` says that others came too: then the filter
 * did not work on this account, and a row that is missing may exist all the same.
 */
export interface FilteredPage<T> extends Page<T> {
  filterIgnored: boolean;
  /** What could not be read stood behind a row that is too old: it is none of those that were asked for. */
  hasOldGapsOnly?: boolean;
}
