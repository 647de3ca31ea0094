import { z } from "zod";
import type { AccountEdit } from "./manager-account-edits.ts";
import {
  ACCOUNT_EDITS,
  applyAccountEdit,
  EditError,
  isAccountEdit,
  unknown,
} from "./manager-account-edits.ts";
import { mergeContacts } from "./merge-contacts.ts";
import type { Contact, Deal } from "./models.ts";
import { LOST_STATUS_ID, WON_STATUS_ID } from "./models.ts";
import type { World } from "./world.ts";
import { moveDeal } from "./write-deal.ts";
import { touch } from "./write-entity.ts";

const id = z.int().min(1);
const entity = z.enum(["contact", "deal"]);

/** What a person at the screen may do to the account behind a client's back. */
export const editSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("move_deal"), deal_id: id, pipeline_id: id.optional(), status_id: id }),
  z.strictObject({ action: z.literal("win_deal"), deal_id: id }),
  z.strictObject({ action: z.literal("lose_deal"), deal_id: id, loss_reason_id: id.optional() }),
  z.strictObject({ action: z.literal("delete_deal"), deal_id: id }),
  z.strictObject({ action: z.literal("delete_contact"), contact_id: id }),
  z.strictObject({ action: z.literal("restore"), entity, id }),
  z.strictObject({ action: z.literal("rename"), entity, id, name: z.string() }),
  z.strictObject({ action: z.literal("change_phone"), contact_id: id, phone: z.string() }),
  z.strictObject({ action: z.literal("change_email"), contact_id: id, email: z.string() }),
  z.strictObject({ action: z.literal("set_responsible"), entity, id, user_id: id }),
  z.strictObject({ action: z.literal("merge_contacts"), into_id: id, from_id: id }),
  ...ACCOUNT_EDITS,
]);

export type ManagerEdit = z.output<typeof editSchema>;

type Act<Action extends ManagerEdit["action"]> = (
  world: World,
  edit: Extract<ManagerEdit, { action: Action }>,
  userId: number,
) => void;

type EntityEdit = Exclude<ManagerEdit, { action: AccountEdit["action"] }>;

const ACTS: { [Action in EntityEdit["action"]]: Act<Action> } = {
  move_deal: (world, edit, userId) => {
    const deal = dealOf(world, edit.deal_id);
    const pipelineId = edit.pipeline_id ?? deal.pipeline_id;
    if (world.store.stage(pipelineId, edit.status_id) === undefined) throw unknown("stage", edit.status_id);
    moveDeal(world, deal, { pipelineId, statusId: edit.status_id, userId });
  },
  win_deal: (world, edit, userId) => close(world, edit.deal_id, { statusId: WON_STATUS_ID, userId }),
  lose_deal: (world, edit, userId) => {
    dealOf(world, edit.deal_id).loss_reason_id = edit.loss_reason_id ?? null;
    close(world, edit.deal_id, { statusId: LOST_STATUS_ID, userId });
  },
  delete_deal: (world, edit, userId) =>
    setDeleted(world, dealOf(world, edit.deal_id), { type: "lead", isDeleted: true, userId }),
  delete_contact: (world, edit, userId) =>
    setDeleted(world, contactOf(world, edit.contact_id), { type: "contact", isDeleted: true, userId }),
  restore: (world, edit, userId) => {
    const type = edit.entity === "deal" ? "lead" : "contact";
    setDeleted(world, target(world, edit), { type, isDeleted: false, userId });
  },
  rename: (world, edit, userId) => {
    const row = target(world, edit);
    row.name = edit.name;
    changed(world, row, userId);
  },
  set_responsible: (world, edit, userId) => {
    const row = target(world, edit);
    const former = row.responsible_user_id;
    row.responsible_user_id = edit.user_id;
    changed(world, row, userId);
    world.hooks.note("responsible", row, { old_responsible_user_id: former });
  },
  change_phone: (world, edit, userId) =>
    setMultitext(world, contactOf(world, edit.contact_id), { code: "PHONE", value: edit.phone, userId }),
  change_email: (world, edit, userId) =>
    setMultitext(world, contactOf(world, edit.contact_id), { code: "EMAIL", value: edit.email, userId }),
  merge_contacts: (world, edit, userId) => {
    const [into, from] = [contactOf(world, edit.into_id), contactOf(world, edit.from_id)];
    mergeContacts(world, { into, from, userId });
  },
};

/** Carries out an edit as the account's administrator; throws EditError for an unknown target. */
export function applyEdit(world: World, edit: ManagerEdit): void {
  if (isAccountEdit(edit)) {
    applyAccountEdit(world.store, edit);
    return;
  }
  const userId = world.store.seed.users.find((user) => user.is_admin)?.id ?? 0;
  const act = ACTS[edit.action] as Act<typeof edit.action>;
  act(world, edit as never, userId);
}

function dealOf(world: World, dealId: number): Deal {
  const deal = world.store.deals.get(dealId);
  if (deal === undefined) throw unknown("deal", dealId);
  return deal;
}

function contactOf(world: World, contactId: number): Contact {
  const contact = world.store.contacts.get(contactId);
  if (contact === undefined) throw unknown("contact", contactId);
  return contact;
}

function target(world: World, edit: { entity: "contact" | "deal"; id: number }): Contact | Deal {
  return edit.entity === "deal" ? dealOf(world, edit.id) : contactOf(world, edit.id);
}

function close(world: World, dealId: number, options: { statusId: number; userId: number }): void {
  const deal = dealOf(world, dealId);
  moveDeal(world, deal, { pipelineId: deal.pipeline_id, ...options });
}

function changed(world: World, row: Contact | Deal, userId: number): void {
  touch(world, row, userId);
  world.store.index("price" in row ? "leads" : "contacts", row);
}

function setDeleted(
  world: World,
  row: Contact | Deal,
  options: { type: "lead" | "contact"; isDeleted: boolean; userId: number },
): void {
  row.is_deleted = options.isDeleted;
  touch(world, row, options.userId);
  world.hooks.note(options.isDeleted ? "delete" : "restore", row);
  world.store.record({
    type: `${options.type}_${options.isDeleted ? "deleted" : "restored"}`,
    entity_id: row.id,
    entity_type: options.type,
    created_by: options.userId,
  });
}

function setMultitext(
  world: World,
  contact: Contact,
  change: { code: "PHONE" | "EMAIL"; value: string; userId: number },
): void {
  const field = world.store.fieldByCode("contacts", change.code);
  if (field === undefined) throw new EditError(`The account has no contact field ${change.code}.`);
  const choice = field.enums?.[0];
  contact.fields.set(field.id, [
    { value: change.value, ...(choice ? { enum_id: choice.id, enum_code: choice.code ?? null } : {}) },
  ]);
  changed(world, contact, change.userId);
}
