import { ODD_TEXTS, ODD_VALUES } from "#dev/amocrm-simulator/account/oddities.ts";

/** Every odd text and value, as JSON. */
export const ODD_JSON: readonly string[] = [...ODD_TEXTS, ...ODD_VALUES];

const MARK = "@@odd@@";

/** The JSON of a value with this JSON in the place of one member; a path of no members is the value itself. */
export function jsonWithOdd(value: unknown, path: readonly string[], json: string): string {
  return JSON.stringify(withOddMember(value, path)).replace(`"${MARK}"`, () => json);
}

function withOddMember(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return MARK;
  if (Array.isArray(value))
    return value.map((one, index) => (String(index) === key ? withOddMember(one, rest) : one));
  const object = (value ?? {}) as Record<string, unknown>;
  return { ...object, [key]: withOddMember(object[key], rest) };
}

/** Every place inside of a value, the value itself first. */
export function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...path, key]))];
}
