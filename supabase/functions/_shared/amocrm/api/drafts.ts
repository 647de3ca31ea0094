import type { Collection } from "./entities.ts";

/** A custom field to be written, by id or by code, with the values that replace what it holds. */
export interface FieldDraft {
  target: { fieldId: number } | { fieldCode: string };
  values: FieldDraftValue[];
  /** Where the value came from in our row (`utm_source`, `metadata.a.b`); never sent. */
  path?: string;
}

export interface FieldDraftValue {
  /** Left out where a choice is named. */
  value?: unknown;
  enumCode?: string;
  enumId?: number;
}

/** What is written of a contact. Absent keys are left to amoCRM or untouched. */
export interface ContactDraft {
  name?: string;
  responsibleUserId?: number | null;
  tags?: readonly string[];
  fields?: readonly FieldDraft[];
}

/** What is written of a deal. A stage is always the pair: 142 and 143 exist in every pipeline. */
export interface DealDraft {
  name?: string;
  price?: number | null;
  pipelineId?: number | null;
  statusId?: number | null;
  responsibleUserId?: number | null;
  tags?: readonly string[];
  /** Tags that an existing deal loses. */
  tagsGone?: readonly string[];
  fields?: readonly FieldDraft[];
}

/** An item of a batch; `requestId` is ours, unique in the batch, and not a bare number (amoCRM counts so itself). */
export interface Item {
  requestId: string;
}

/** A deal together with the new contact it belongs to, for `leads/complex`. */
export interface NewDealWithContact extends Item {
  deal: DealDraft;
  contact: ContactDraft;
}

/** A deal of contacts that exist; the first is the main one. */
export interface NewDeal extends Item {
  deal: DealDraft;
  contactIds: readonly number[];
}

export interface NewContact extends Item {
  contact: ContactDraft;
}

/** Changes of an existing deal; `tags` are added to those it has. */
export interface DealChange extends Item {
  id: number;
  deal: DealDraft;
}

/** Changes of an existing contact; `tags` are added to those it has. */
export interface ContactChange extends Item {
  id: number;
  contact: ContactDraft;
}

export interface NewNote extends Item {
  entityId: number;
  text: string;
}

/** A task for a person; `completeTill` in Unix seconds. */
export interface NewTask extends Item {
  entityType: Collection;
  entityId: number;
  text: string;
  completeTill: number;
  responsibleUserId?: number | null;
}

/** A custom field to be made; `isApiOnly` hides it from managers' editing. */
export interface NewCustomField extends Item {
  name: string;
  type: string;
  code?: string;
  isApiOnly?: boolean;
}

/**
 * Outcome of a batch create, joined by `request_id` and never by position. `missing` are items that the 2xx
 * answer does not mention: whether they exist is uncertain.
 */
export interface Created<T> {
  created: Map<string, T>;
  missing: string[];
}

/** Outcome of a batch PATCH, joined by id; `missing` are ids that the answer does not mention. */
export interface Updated {
  updated: Map<number, { updatedAt: number | null }>;
  missing: number[];
}
