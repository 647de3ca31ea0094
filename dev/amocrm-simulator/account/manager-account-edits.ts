import { z } from "zod";
import type { AccountStore } from "./store.ts";

const id = z.int().min(1);

/** Edits of the account itself: what makes a client's configuration wrong overnight. */
export const ACCOUNT_EDITS = [
  z.strictObject({ action: z.literal("dismiss_user"), user_id: id }),
  z.strictObject({ action: z.literal("delete_field"), field_id: id }),
  z.strictObject({ action: z.literal("delete_stage"), pipeline_id: id, status_id: id }),
  z.strictObject({ action: z.literal("archive_pipeline"), pipeline_id: id }),
] as const;

export type AccountEdit = z.output<(typeof ACCOUNT_EDITS)[number]>;

const ACTIONS = new Set<string>(ACCOUNT_EDITS.map((schema) => schema.shape.action.value));

/** Tells edits of the account from those of a contact or deal. */
export function isAccountEdit<Edit extends { action: string }>(
  edit: Edit,
): edit is Extract<Edit, AccountEdit> {
  return ACTIONS.has(edit.action);
}

/** An edit that names something the account does not have. */
export class EditError extends Error {
  readonly code = "edit_target_unknown";
}

export function unknown(kind: string, value: number): EditError {
  return new EditError(`The account has no ${kind} ${value}.`);
}

/** Carries out an edit of the account; throws EditError for an unknown target. */
export function applyAccountEdit(store: AccountStore, edit: AccountEdit): void {
  const { seed } = store;
  switch (edit.action) {
    case "dismiss_user": {
      const user = seed.users.find((candidate) => candidate.id === edit.user_id);
      if (user === undefined) throw unknown("user", edit.user_id);
      user.is_active = false;
      return;
    }
    case "delete_field": {
      const position = seed.fields.findIndex((field) => field.id === edit.field_id);
      if (position < 0) throw unknown("field", edit.field_id);
      seed.fields.splice(position, 1);
      return;
    }
    case "delete_stage": {
      const pipeline = store.pipeline(edit.pipeline_id);
      if (store.stage(edit.pipeline_id, edit.status_id) === undefined) throw unknown("stage", edit.status_id);
      if (pipeline !== undefined)
        pipeline.stages = pipeline.stages.filter(({ id: own }) => own !== edit.status_id);
      return;
    }
    case "archive_pipeline": {
      const pipeline = store.pipeline(edit.pipeline_id);
      if (pipeline === undefined) throw unknown("pipeline", edit.pipeline_id);
      pipeline.is_archive = true;
    }
  }
}
