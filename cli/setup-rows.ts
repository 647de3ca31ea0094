import type { SetupRequestInput } from "#shared/admin/request.ts";
import { filled, same, type Text } from "#shared/platform/text.ts";
import { usageFailure } from "./failure.ts";
import { FLAGS } from "./words/flags.ts";

export type RouteInput = NonNullable<SetupRequestInput["routes"]>[number];
export type StageInput = NonNullable<SetupRequestInput["stages"]>[number];
export type FieldInput = NonNullable<SetupRequestInput["fields"]>[number];

/** An id of amoCRM; the failure names the flag or variable that it stood in. */
export function parseId(text: string, place: string | Text): number {
  const id = Number(text);
  if (/^[0-9]+$/.test(text.trim()) && id > 0 && Number.isSafeInteger(id)) return id;
  throw usageFailure(filled(FLAGS.id, { place, typed: JSON.stringify(text) }));
}

/** `lesson.67=4500:62002` */
export function parseStage(text: string): StageInput {
  const parts = /^([^=]+)=([^:]*):(.*)$/.exec(text);
  if (parts === null) {
    throw usageFailure(
      filled(FLAGS.stage, { typed: JSON.stringify(text) }),
      same("--stage student.created=4500:62001"),
    );
  }
  const [, event = "", pipeline = "", stage = ""] = parts;
  return {
    event: event.trim(),
    pipeline_id: parseId(pipeline, filled(FLAGS.pipelineIn, { event })),
    status_id: parseId(stage, filled(FLAGS.stageIn, { event })),
  };
}

/** `deal.metadata.tariff=415` or `deal.utm_source=UTM_SOURCE`: digits are an id, anything else is a code. */
export function parseField(text: string): FieldInput {
  const parts = /^(contact|deal)\.(.+)=([^=]+)$/.exec(text);
  if (parts === null) {
    throw usageFailure(filled(FLAGS.field, { typed: JSON.stringify(text) }), FLAGS.fieldRemedy);
  }
  const [, entity, path = "", field = ""] = parts;
  const row = { entity: entity === "contact" ? ("contact" as const) : ("deal" as const), path: path.trim() };
  return /^[0-9]+$/.test(field.trim())
    ? { ...row, field_id: parseId(field, filled(FLAGS.fieldIn, { row: `${entity}.${path}` })) }
    : { ...row, field_code: field.trim() };
}
