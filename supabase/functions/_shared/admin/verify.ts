import type { CustomField, Pipeline, User } from "../amocrm/entities.ts";
import type { FieldRow } from "./port.ts";

/** A list in an answer is for reading: beyond this many it is cut. */
const MOST_NAMED = 60;

/** Where a deal is to go: a pipeline, and in it a stage or the first one. */
export interface Place {
  pipeline_id: number | null;
  status_id: number | null;
}

/** Why the account cannot take a deal there, with what it has instead; null if it can. */
export function placeProblem(
  { pipeline_id, status_id }: Place,
  pipelines: readonly Pipeline[],
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
  if (pipeline.stages.some(({ id }) => id === status_id)) return null;
  return `No stage ${status_id} in pipeline ${named(pipeline)}; there are: ${list(pipeline.stages.map(named))}`;
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
  const rest = items.length - MOST_NAMED;
  return items.slice(0, MOST_NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
