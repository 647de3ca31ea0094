import { z } from "zod";
import { cut } from "../../platform/cut.ts";

/*
 * The parts that answers are made of. What amoCRM leaves out, sends as null or as something else becomes the neutral value;
 * only an id cannot be anything but an id.
 */

/** Longer than any name that amoCRM takes; what is longer would only travel with every message. */
const NAME_LENGTH_MAX = 1_000;
/** The year 2100 in Unix seconds: what lies beyond is milliseconds, or a slip, and no time that a database should hold. */
const LAST_SECOND = 4_102_444_800;
const INT4_MAX = 2_147_483_647;

/** An id of an entity, user, pipeline or stage; some answers write it as text. */
export const Id = z.union([
  z.int().positive(),
  z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number)
    .pipe(z.int().positive()),
]);

export const OptionalId = Id.nullish()
  .catch(null)
  .transform((id) => id ?? null);

/** A text as it came; a number as its digits. */
export const Text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch("")
  .transform((text) => text ?? "");

/** A text that is a name, bounded. */
export const Name = Text.transform((name) => cut(name, NAME_LENGTH_MAX));

export const Code = z
  .string()
  .nullish()
  .catch(null)
  .transform((code) => code || null);

/** A time in Unix seconds, 0 if there is none that could be. */
export const Seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(0).max(LAST_SECOND))
  .nullish()
  .catch(0)
  .transform((seconds) => seconds ?? 0);

/** The same where 0 would say that something happened: null. */
export const OptionalSeconds = Seconds.transform((seconds) => (seconds === 0 ? null : seconds));

/** A place in an order, as far as 32 bits reach. */
export const Sort = z
  .number()
  .nullish()
  .catch(0)
  .transform((sort) => Math.trunc(Math.min(Math.max(sort ?? 0, -INT4_MAX), INT4_MAX)));

/** Only true is true: what is not told, or told as something else, is not claimed. */
export const Flag = z
  .boolean()
  .nullish()
  .catch(false)
  .transform((flag) => flag === true);

/** The members of a list; PHP writes one with gaps as an object. Null if it is neither. */
function membersOf(list: unknown): unknown[] | null {
  if (Array.isArray(list)) return list;
  return typeof list === "object" && list !== null ? Object.values(list) : null;
}

/** A list whose members are read later, or are of no account. */
export const Rows = z
  .unknown()
  .optional()
  .transform((list) => membersOf(list) ?? []);

/** A list that must be one: without it the answer is none. */
export const List = z.unknown().transform((list, context) => {
  const members = membersOf(list);
  if (members !== null) return members;
  context.addIssue({ code: "custom", message: "is no list" });
  return z.NEVER;
});

/** A list without the members that cannot be read. */
export function readable<T>(row: z.ZodType<T>) {
  return Rows.transform((rows) => readableAmong(rows, row));
}

/** Those of the members that can be read. */
export function readableAmong<T>(members: readonly unknown[], row: z.ZodType<T>): T[] {
  return members.flatMap((one) => {
    const parsed = row.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The request ids an item answers for: `leads/complex` sends a list, because inputs may be merged. */
export const RequestIds = z
  .unknown()
  .optional()
  .transform((ids) => (Array.isArray(ids) ? ids : [ids]).filter((id) => typeof id === "string"));

/** A shape for each key, made once: zod compiles each that is made anew, which costs more than to read an answer. */
export function shapesByKey<Shape>(make: (key: string) => Shape): (key: string) => Shape {
  const made = new Map<string, Shape>();
  return (key) => {
    const shape = made.get(key) ?? make(key);
    made.set(key, shape);
    return shape;
  };
}
