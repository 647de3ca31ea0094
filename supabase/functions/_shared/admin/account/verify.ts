import {
  type CustomField,
  LOST_STATUS_ID,
  type Pipeline,
  type User,
  WON_STATUS_ID,
} from "../../amocrm/api.ts";
import { isFillable } from "../../amocrm/rules.ts";
import type { FieldRow } from "../port.ts";

/** A list in an answer is for reading: beyond this many it is cut. */
const MAX_NAMED = 60;

/** The event with which a student's deal begins: where it leads, deals are made. */
export const FIRST_EVENT = "student.created";

/** Where a deal is to go: a pipeline, and in it a stage or the first one. */
export interface Place {
  pipeline_id: number | null;
  status_id: number | null;
}

/** What comes to a place: deals that are made there, or that were made elsewhere and move on. */
export type Comer = "new" | "moved";

/** Why the account cannot take a deal there, with what it has instead; null if it can. */
export function placeProblem(
  { pipeline_id, status_id }: Place,
  pipelines: readonly Pipeline[],
  comer: Comer,
): string | null {
  if (pipeline_id === null) {
    const main = pipelines.find(({ isMain, isArchive }) => isMain && !isArchive);
    return main === undefined
      ? `The account has no main pipeline; name one of: ${pipelineList(pipelines)}`
      : null;
  }
  const pipeline = pipelines.find(({ id }) => id === pipeline_id);
  if (pipeline === undefined) return `No pipeline ${pipeline_id}; there are: ${pipelineList(pipelines)}`;
  if (pipeline.isArchive) {
    return `Pipeline ${named(pipeline)} is archived; there are: ${pipelineList(pipelines)}`;
  }
  if (status_id === null) return null;
  const stage = pipeline.stages.find(({ id }) => id === status_id);
  const fit = pipeline.stages.filter(
    (one) => !one.isUnsorted && !(comer === "new" && one.id === LOST_STATUS_ID),
  );
  const there = `there are: ${list(fit.map(named))}`;
  if (stage === undefined) return `No stage ${status_id} in pipeline ${named(pipeline)}; ${there}`;
  if (stage.isUnsorted) {
    return `Stage ${named(stage)} holds incoming leads that amoCRM itself makes; it refuses deals of the API there; ${there}`;
  }
  return fit.includes(stage) ? null : `amoCRM makes no deal that begins as lost, ${named(stage)}; ${there}`;
}

/** What is possible and hardly meant; null if nothing is. */
export function placeCaution({ status_id }: Place, comer: Comer): string | null {
  return comer === "new" && status_id === WON_STATUS_ID
    ? "new deals begin as won, so nobody works on them"
    : null;
}

/** Why a user cannot be responsible, with who can; null if the user can. */
export function responsibleProblem(userId: number, users: readonly User[]): string | null {
  const user = users.find(({ id }) => id === userId);
  if (user?.isActive === true) return null;
  const fault = user === undefined ? `No user ${userId}` : `User ${named(user)} is switched off`;
  return `${fault}; there are: ${list(users.filter(({ isActive }) => isActive).map(named))}`;
}

/** Why a mapping leads nowhere, with the fields that there are; null if its field exists. */
export function fieldProblem(row: FieldRow, fields: readonly CustomField[]): string | null {
  if (fieldOf(row, fields) !== undefined) return null;
  const wanted = row.field_id === null ? `with the code ${row.field_code}` : row.field_id;
  return `No ${row.entity} field ${wanted}; there are: ${list(fields.map(namedField))}`;
}

/** Why a lead's values will not get into a field that exists; null if they can. */
export function fieldCaution({ type }: CustomField): string | null {
  return isFillable(type)
    ? null
    : `a field of the type ${type} takes no value of a lead; values go into the note`;
}

/** The field of the account that a mapping means. */
export function fieldOf(row: FieldRow, fields: readonly CustomField[]): CustomField | undefined {
  return fields.find(({ id, code }) =>
    row.field_id !== null ? id === row.field_id : code === row.field_code,
  );
}

/** `411 «ID заявки»`, with the code if it has one. */
export function namedField(field: CustomField): string {
  return field.code === null ? named(field) : `${named(field)} (${field.code})`;
}

/** `4400 «Sales»`. */
export function named({ id, name }: { id: number; name: string }): string {
  return `${id} «${name}»`;
}

/** The pipelines that deals can go to, by id and name. */
export function pipelineList(pipelines: readonly Pipeline[]): string {
  return list(pipelines.filter(({ isArchive }) => !isArchive).map(named));
}

function list(items: readonly string[]): string {
  if (items.length === 0) return "none";
  const rest = items.length - MAX_NAMED;
  return items.slice(0, MAX_NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
