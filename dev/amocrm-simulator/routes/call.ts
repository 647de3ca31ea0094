import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { QueryTree } from "./query-tree.ts";

/** A request's body after one look at it. */
export type Body = { kind: "empty" } | { kind: "malformed" } | { kind: "json"; value: unknown };

/** An authorised request on its way to a route. */
export interface Call {
  method: string;
  url: URL;
  /** Values of the `:name` parts of the route's pattern. */
  params: Record<string, string>;
  query: QueryTree;
  body: Body;
  userId: number;
}

export interface Route {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  pattern: string;
  handle: (world: World, call: Call) => Answer;
}

/** Parses a body; an empty one is told from a broken one because amoCRM names it. */
export function parseBody(text: string): Body {
  if (text.trim() === "") return { kind: "empty" };
  try {
    return { kind: "json", value: JSON.parse(text) as unknown };
  } catch {
    return { kind: "malformed" };
  }
}

/** How many items a request carries: what its duration grows with. */
export function itemCount(body: Body): number {
  if (body.kind !== "json") return 0;
  return Array.isArray(body.value) ? body.value.length : 1;
}

/** The whole number in a path, or 0: an id that no entity has. */
export function idParam(call: Call, name: string): number {
  const id = Number(call.params[name]);
  return Number.isSafeInteger(id) ? id : 0;
}
