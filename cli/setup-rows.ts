import type { SetupRequestInput } from "../supabase/functions/_shared/admin/request.ts";
import { usageFailure } from "./failure.ts";

export type RouteInput = NonNullable<SetupRequestInput["routes"]>[number];
export type StageInput = NonNullable<SetupRequestInput["stages"]>[number];
export type FieldInput = NonNullable<SetupRequestInput["fields"]>[number];

/** An id of amoCRM; the failure names the flag or variable that it stood in. */
export function parseId(text: string, place: string): number {
  const id = Number(text);
  if (/^[0-9]+$/.test(text.trim()) && id > 0 && Number.isSafeInteger(id)) return id;
  throw usageFailure(`${place} must be a positive whole number, not ${JSON.stringify(text)}`);
}

/** `lesson.67=4500:62002` */
export function parseStage(text: string): StageInput {
  const parts = /^([^=]+)=([^:]*):(.*)$/.exec(text);
  if (parts === null) {
    throw usageFailure(
      `--stage must be event=pipeline:stage, not ${JSON.stringify(text)}`,
      "--stage student.created=4500:62001",
    );
  }
  const [, event = "", pipeline = "", stage = ""] = parts;
  return {
    event: event.trim(),
    pipeline_id: parseId(pipeline, `The pipeline in --stage ${event}`),
    status_id: parseId(stage, `The stage in --stage ${event}`),
  };
}

/** `deal.metadata.tariff=415` or `deal.utm_source=UTM_SOURCE`: digits are an id, anything else is a code. */
export function parseField(text: string): FieldInput {
  const parts = /^(contact|deal)\.(.+)=([^=]+)$/.exec(text);
  if (parts === null) {
    throw usageFailure(
      `--field must be contact.path=field or deal.path=field, not ${JSON.stringify(text)}`,
      "--field deal.metadata.tariff=415, or a field's code instead of its id",
    );
  }
  const [, entity, path = "", field = ""] = parts;
  const row = { entity: entity === "contact" ? ("contact" as const) : ("deal" as const), path: path.trim() };
  return /^[0-9]+$/.test(field.trim())
    ? { ...row, field_id: parseId(field, `The field in --field ${entity}.${path}`) }
    : { ...row, field_code: field.trim() };
}
