import { z } from "zod";
import type { Prompts } from "../prompts.ts";
import type { FieldInput } from "../setup-rows.ts";
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
const MOST_FIELDS = 50;

/** Asks for the marker field, the UTM fields, and which other value goes into which field. */
export async function askFields(prompts: Prompts, account: Account): Promise<FieldWishes> {
  const marker = await prompts.confirm(
    "May deals carry the lead's id in a field of their own, made if it is missing? By it a deal is found whose answer was lost.",
    true,
  );
  const utm = await prompts.confirm("Put utm_source … utm_term into the deal fields of those codes?", true);
  const fields: FieldInput[] = [];
  for (let count = 0; count < MOST_FIELDS; count += 1) {
    const question = count === 0 ? "Does another value go into a field?" : "Another one?";
    if (!(await prompts.confirm(question, false))) break;
    fields.push(await askField(prompts, account));
  }
  return { fields: lastWins(fields), marker, utm };
}

async function askField(prompts: Prompts, { fields }: Account): Promise<FieldInput> {
  const path = await prompts.input("Which value? A column, or a path such as metadata.tariff:", {
    fault: (text) => (Path.safeParse(text).success ? null : "A column such as source, or metadata.a.b"),
  });
  const field = await prompts.search(
    "Into which field? Type a part of its name:",
    fields.map((one) => ({
      name: `${one.entity}: ${named(one)}${one.code === null ? "" : ` ${one.code}`}`,
      value: one,
    })),
  );
  return { entity: field.entity, path, field_id: field.id };
}

/** A value named twice goes where it was said last. */
function lastWins(fields: readonly FieldInput[]): FieldInput[] {
  return [...new Map(fields.map((field) => [`${field.entity}.${field.path}`, field])).values()];
}
