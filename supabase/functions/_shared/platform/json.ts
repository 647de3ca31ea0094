import { withExactNumbers } from "./exact-numbers.ts";
import { storable } from "./storable.ts";

/**
 * What a text from outside says as JSON; undefined if it is none, which no JSON text can say. Whatever it holds can be stored
 * and sent on: texts are storable, nothing is nested without end, and a number that a double would change is its own text.
 */
export function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    const exact = withExactNumbers(text);
    return storable(exact === text ? parsed : JSON.parse(exact));
  } catch {
    return undefined;
  }
}
