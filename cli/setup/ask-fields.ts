import { z } from "zod";
import type { Say } from "#shared/platform/text.ts";
import type { Prompts } from "../prompts.ts";
import type { FieldInput } from "../setup-rows.ts";
import { QUESTIONS } from "../words/setup-questions.ts";
import { type Account, named } from "./ask-place.ts";

/** What of fields is to be set up. */
export interface FieldWishes {
  fields: FieldInput[];
  marker: boolean;
  utm: boolean;
}

const Path = z
  .string()
  .max(255)
  .regex(/^([a-z][a-z0-9_]*|metadata\..+)$/);
/** More than this are not typed in one after the other; amocrm_fields takes any number. */
const MAX_FIELDS = 50;

/** Asks for the marker field, the UTM fields, and which other value goes into which field. */
export async function askFields(prompts: Prompts, account: Account, say: Say): Promise<FieldWishes> {
  const marker = await prompts.confirm(say(QUESTIONS.marker), true);
  const utm = await prompts.confirm(say(QUESTIONS.utm), true);
  const fields: FieldInput[] = [];
  for (let count = 0; count < MAX_FIELDS; count += 1) {
    const question = say(count === 0 ? QUESTIONS.field : QUESTIONS.another);
    if (!(await prompts.confirm(question, false))) break;
    fields.push(await askField(prompts, account, say));
  }
  return { fields: lastWins(fields), marker, utm };
}

async function askField(prompts: Prompts, { fields }: Account, say: Say): Promise<FieldInput> {
  const path = await prompts.input(say(QUESTIONS.path), {
    fault: (text) => (Path.safeParse(text).success ? null : say(QUESTIONS.pathFault)),
  });
  const field = await prompts.search(
    say(QUESTIONS.whichField),
    fields.map((one) => ({
      name: say(one.entity === "contact" ? QUESTIONS.contactField : QUESTIONS.dealField, {
        name: `${named(one)}${one.code === null ? "" : ` ${one.code}`}`,
      }),
      value: one,
    })),
  );
  return { entity: field.entity, path, field_id: field.id };
}

/** A value named twice goes where it was said last. */
function lastWins(fields: readonly FieldInput[]): FieldInput[] {
  return [...new Map(fields.map((field) => [`${field.entity}.${field.path}`, field])).values()];
}
