import { z } from "zod";
import type { Contact, Deal, Entity, FieldValue } from "./models.ts";
import type { AccountStore } from "./store.ts";

const DAY_S = 86_400;

/** How much an account should hold before a test begins. */
export const populationSchema = z.strictObject({
  contacts: z.int().min(0).default(0),
  deals: z.int().min(0).default(0),
  /** The rows are spread evenly over this many days before now. */
  days: z.int().min(1).default(365),
});

export type Population = z.input<typeof populationSchema>;

/** E-mail of the n-th (from 1) contact that `populate` makes. */
export function populatedEmail(ordinal: number): string {
  return `person${ordinal}@population.test`;
}

/** Phone of the n-th (from 1) contact that `populate` makes. */
export function populatedPhone(ordinal: number): string {
  return `+7900${String(ordinal).padStart(7, "0")}`;
}

/** Fills the account as if the rows had always been there: no requests, no history, no search lag. */
export function populate(
  store: AccountStore,
  input: Population,
): { contact_ids: number[]; deal_ids: number[] } {
  const population = populationSchema.parse(input);
  const now = store.nowSeconds();
  const bornAt = (ordinal: number, total: number) =>
    now - Math.floor((population.days * DAY_S * (total - ordinal + 1)) / total);
  const contacts: Contact[] = [];
  for (let ordinal = 1; ordinal <= population.contacts; ordinal++) {
    contacts.push(addContact(store, ordinal, bornAt(ordinal, population.contacts)));
  }
  const dealIds: number[] = [];
  for (let ordinal = 1; ordinal <= population.deals; ordinal++) {
    const contact = contacts[(ordinal - 1) % Math.max(1, contacts.length)];
    dealIds.push(addDeal(store, { ordinal, bornAt: bornAt(ordinal, population.deals), contact }));
  }
  return { contact_ids: contacts.map(({ id }) => id), deal_ids: dealIds };
}

function bare(store: AccountStore, options: { id: number; name: string; bornAt: number }): Entity {
  const userId = store.seed.users.find((user) => user.is_active)?.id ?? 0;
  return {
    id: options.id,
    name: options.name,
    responsible_user_id: userId,
    group_id: 0,
    created_by: userId,
    updated_by: userId,
    created_at: options.bornAt,
    updated_at: options.bornAt,
    is_deleted: false,
    closest_task_at: null,
    fields: new Map(),
    tag_ids: [],
  };
}

function addContact(store: AccountStore, ordinal: number, bornAt: number): Contact {
  const id = store.nextId("contacts");
  const entity = bare(store, { id, name: `Контакт ${ordinal}`, bornAt });
  const contact: Contact = {
    ...entity,
    first_name: "Контакт",
    last_name: String(ordinal),
    company_id: null,
    deal_ids: new Set(),
  };
  put(store, contact, { code: "EMAIL", value: populatedEmail(ordinal) });
  put(store, contact, { code: "PHONE", value: populatedPhone(ordinal) });
  store.contacts.set(id, contact);
  store.indexNow("contacts", contact);
  return contact;
}

function put(store: AccountStore, contact: Contact, entry: { code: string; value: string }): void {
  const field = store.fieldByCode("contacts", entry.code);
  if (field === undefined) return;
  const choice = field.enums?.[0];
  const value: FieldValue = { value: entry.value };
  if (choice !== undefined) Object.assign(value, { enum_id: choice.id, enum_code: choice.code ?? null });
  contact.fields.set(field.id, [value]);
}

function addDeal(
  store: AccountStore,
  options: { ordinal: number; bornAt: number; contact: Contact | undefined },
): number {
  const id = store.nextId("leads");
  const pipeline = store.mainPipeline();
  const deal: Deal = {
    ...bare(store, { id, name: `Сделка ${options.ordinal}`, bornAt: options.bornAt }),
    price: 1000,
    pipeline_id: pipeline.id,
    status_id: pipeline.stages.find((stage) => stage.type === 0)?.id ?? 0,
    loss_reason_id: null,
    source_id: null,
    closed_at: null,
    company_id: null,
    contacts: options.contact === undefined ? [] : [{ id: options.contact.id, is_main: true }],
  };
  options.contact?.deal_ids.add(id);
  store.deals.set(id, deal);
  store.indexNow("leads", deal);
  return id;
}
