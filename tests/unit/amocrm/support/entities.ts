import type { Contact, Deal, Field } from "#shared/amocrm/api/entities.ts";

/** A field as read, with plain values. */
export function field(fieldCode: string, ...values: unknown[]): Field {
  return {
    fieldId: null,
    fieldCode,
    fieldType: "multitext",
    values: values.map((value) => ({ value, enumId: null, enumCode: "WORK" })),
  };
}

/** A contact that differs from a nameless one in what is given. */
export function contact(facts: Partial<Contact> & { id: number }): Contact {
  return {
    name: "",
    createdAt: 0,
    updatedAt: 0,
    isDeleted: false,
    responsibleUserId: null,
    companyId: null,
    dealIds: [],
    fields: [],
    rawFields: [],
    ...facts,
  };
}

/** A deal that differs from a nameless one in what is given. */
export function deal(facts: Partial<Deal> & { id: number }): Deal {
  return {
    name: "",
    price: null,
    pipelineId: 1,
    statusId: 10,
    responsibleUserId: null,
    createdAt: 0,
    updatedAt: 0,
    closedAt: null,
    isDeleted: false,
    companyId: null,
    contacts: [],
    tags: [],
    fields: [],
    rawFields: [],
    ...facts,
  };
}
