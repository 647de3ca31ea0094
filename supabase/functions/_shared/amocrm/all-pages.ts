import type { Page } from "./entities.ts";

/** Pages of 250 rows; an account with more users or fields than this is not known to exist. */
const MOST_PAGES = 20;

/** Reads pages until amoCRM tells of no further one; the first that cannot be read is the answer. */
export async function allPages<T, Refusal extends { ok: false }>(
  read: (page: number) => Promise<{ ok: true; value: Page<T> } | Refusal>,
): Promise<{ ok: true; value: T[] } | Refusal> {
  const rows: T[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const asked = await read(page);
    if (!asked.ok) return asked;
    rows.push(...asked.value.rows);
    if (!asked.value.hasMore) break;
  }
  return { ok: true, value: rows };
}
