import { z } from "zod";
import { Id, RequestIds } from "./answers.ts";
import type { Created, Updated } from "./drafts.ts";

/**
 * Reads the answer of a batch create: items under `_embedded[key]`, joined to ours by `request_id`. An item that
 * answers for several of ours (amoCRM merged them) counts for each.
 */
export function createdIn<T>(
  key: string,
  requestIds: readonly string[],
  idsOf: (id: number) => T,
): z.ZodType<Created<T>> {
  const Item = z.looseObject({ id: Id, request_id: RequestIds });
  return z.looseObject({ _embedded: z.looseObject({ [key]: z.array(Item) }) }).transform(({ _embedded }) =>
    join(
      requestIds,
      _embedded[key] as z.infer<typeof Item>[],
      ({ request_id }) => request_id,
      ({ id }) => idsOf(id),
    ),
  );
}

const ComplexItem = z.looseObject({
  id: Id,
  contact_id: Id.nullish(),
  merged: z.boolean().nullish(),
  request_id: RequestIds,
});

/** Reads the answer of `leads/complex`, which is a bare list (amocrm-api.md 3.4). */
export function createdDealsWithContacts(
  requestIds: readonly string[],
): z.ZodType<Created<{ dealId: number; contactId: number | null; isMerged: boolean }>> {
  return z.array(ComplexItem).transform((items) =>
    join(
      requestIds,
      items,
      ({ request_id }) => request_id,
      ({ id, contact_id, merged }) => ({
        dealId: id,
        contactId: contact_id ?? null,
        isMerged: merged === true,
      }),
    ),
  );
}

/** Reads the answer of a batch PATCH, joined by id. */
export function updatedIn(key: string, ids: readonly number[]): z.ZodType<Updated> {
  const Item = z.looseObject({ id: Id, updated_at: z.int().nullish().catch(null) });
  return z.looseObject({ _embedded: z.looseObject({ [key]: z.array(Item) }) }).transform(({ _embedded }) => {
    const { created, missing } = join(
      ids,
      _embedded[key] as z.infer<typeof Item>[],
      ({ id }) => [id],
      ({ updated_at }) => ({ updatedAt: updated_at ?? null }),
    );
    return { updated: created, missing };
  });
}

function join<Key, Row, T>(
  asked: readonly Key[],
  rows: readonly Row[],
  keysOf: (row: Row) => readonly Key[],
  toValue: (row: Row) => T,
): { created: Map<Key, T>; missing: Key[] } {
  const open = new Set(asked);
  const created = new Map<Key, T>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      if (open.delete(key)) created.set(key, toValue(row));
    }
  }
  return { created, missing: [...open] };
}
