import { z } from "zod";
import { cut } from "../../platform/cut.ts";
import type { ItemFault } from "./verdict.ts";

/** Codes and paths are short identifiers; a longer one is cut, since it ends in rows and logs. */
const IDENTIFIER_LENGTH_MAX = 200;

const Identifier = z
  .string()
  .catch("")
  .transform((text) => cut(text, IDENTIFIER_LENGTH_MAX));

/** `leads/complex` answers a list of ids, the other calls one. */
const RequestId = z.union([
  z.string(),
  z.number().transform(String),
  z.array(z.string()).transform(([first]) => first ?? null),
]);

const ValidationErrors = z.looseObject({
  "validation-errors": z.array(
    z.looseObject({
      request_id: RequestId.nullish().catch(null),
      errors: z.array(z.looseObject({ code: Identifier, path: Identifier })).catch([]),
    }),
  ),
});

/**
 * The items that a refusal names, under the request ids we sent; empty when it names none. amoCRM counts the
 * items ("0", "1", …) when it does not use the ids, and names none when there was only one.
 */
export function itemFaults(json: unknown, requestIds: readonly string[]): ItemFault[] {
  const parsed = ValidationErrors.safeParse(json);
  if (!parsed.success) return [];
  const byId = new Map<string, ItemFault>();
  for (const { request_id, errors } of parsed.data["validation-errors"]) {
    const requestId = ourId(request_id ?? null, requestIds);
    if (requestId === null) continue;
    const item = byId.get(requestId) ?? { requestId, faults: [] };
    item.faults.push(...errors.map(({ code, path }) => ({ code, path })));
    byId.set(requestId, item);
  }
  return [...byId.values()];
}

function ourId(named: string | null, requestIds: readonly string[]): string | null {
  if (named !== null && requestIds.includes(named)) return named;
  if (requestIds.length === 1) return requestIds[0] ?? null;
  if (named !== null && /^\d+$/.test(named)) return requestIds[Number(named)] ?? null;
  return null;
}
