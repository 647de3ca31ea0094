import { z } from "zod";
import { Flag, Id, List, RequestIds, readableAmong, Seconds, shapesByKey } from "./answer-parts.ts";
import type { Created, Updated } from "./drafts.ts";

/*
 * An item that cannot be read is one that the answer does not mention: its message is looked for, and the others are told.
 */

const CreatedItem = z.looseObject({ id: Id, request_id: RequestIds });
const UpdatedItem = z.looseObject({ id: Id, updated_at: Seconds });
const batchShapeOf = shapesByKey((key) => z.looseObject({ _embedded: z.looseObject({ [key]: List }) }));

/**
 * Reads the answer of a batch create: items under `_embedded[key]`, joined to ours by `request_id`. An item that
 * answers for several of ours (amoCRM merged them) counts for each.
 */
export function createdIn<T>(
  key: string,
  requestIds: readonly string[],
  idsOf: (id: number) => T,
): z.ZodType<Created<T>> {
  return batchShapeOf(key).transform(({ _embedded }) =>
    join(
      requestIds,
      readableAmong(_embedded[key] ?? [], CreatedItem),
      ({ request_id }) => request_id,
      ({ id }) => idsOf(id),
    ),
  );
}

const ComplexItem = z.looseObject({
  id: Id,
  contact_id: Id.nullish(),
  merged: Flag,
  request_id: RequestIds,
});

/** Reads the answer of `leads/complex`, which is a bare list (amocrm-api.md 3.4). */
export function createdDealsWithContacts(
  requestIds: readonly string[],
): z.ZodType<Created<{ dealId: number; contactId: number | null; isMerged: boolean }>> {
  return List.transform((items) =>
    join(
      requestIds,
      readableAmong(items, ComplexItem),
      ({ request_id }) => request_id,
      ({ id, contact_id, merged }) => ({
        dealId: id,
        contactId: contact_id ?? null,
        isMerged: merged,
      }),
    ),
  );
}

/** Reads the answer of a batch PATCH, joined by id. */
export function updatedIn(key: string, ids: readonly number[]): z.ZodType<Updated> {
  return batchShapeOf(key).transform(({ _embedded }) => {
    const { created, missing } = join(
      ids,
      readableAmong(_embedded[key] ?? [], UpdatedItem),
      ({ id }) => [id],
      ({ updated_at }) => ({ updatedAt: updated_at === 0 ? null : updated_at }),
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
