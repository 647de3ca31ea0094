import { PAGE_SIZE_MAX } from "../rules/limits.ts";
import type { Page } from "./entities.ts";

/** At the pace of one request in two seconds more would outlast the call that waits for them. */
const MAX_PAGES = 40;

type Listed<T> = { ok: true; value: T[] };

/**
 * Reads pages until amoCRM tells of no further one, or gives again what it gave; the first that cannot be read is the
 * answer. Of a list that goes on beyond 10,000 rows `atBound` says what the rows of it are worth: a field that is not among
 * them may exist all the same.
 */
export async function allPages<T extends { id: number }, Refusal extends { ok: false }>(
  read: (page: number) => Promise<{ ok: true; value: Page<T> } | Refusal>,
  atBound: (reason: string, rows: T[]) => Listed<T> | Refusal,
): Promise<Listed<T> | Refusal> {
  const rows = new Map<number, T>();
  for (let page = 1; page <= MAX_PAGES; page++) {
    const asked = await read(page);
    if (!asked.ok) return asked;
    const countBefore = rows.size;
    for (const row of asked.value.rows) rows.set(row.id, row);
    if (!asked.value.hasMore || rows.size === countBefore) return { ok: true, value: [...rows.values()] };
  }
  const most = MAX_PAGES * PAGE_SIZE_MAX;
  return atBound(`amoCRM lists more than the ${most} that are read`, [...rows.values()]);
}
