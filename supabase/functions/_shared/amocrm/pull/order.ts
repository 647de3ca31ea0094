/** This part of a page's rows may be out of place; with more of them the list is not by id at all. */
const MAX_ODD_PART = 0.25;

/** How far the rows of a page stand by id. */
export interface OrderById {
  isKept: boolean;
  /** Ids that stand out of the order of the others: each is that of an odd row, and may not be its own. */
  oddIds: readonly number[];
}

/**
 * Looks for the longest ascending part of the page. What does not belong to it is odd if it is little; otherwise amoCRM
 * ignored that it was asked for an order.
 */
export function orderById(rows: readonly { id: number }[]): OrderById {
  const ids = rows.map(({ id }) => id);
  const kept = longestAscending(ids);
  const odd = ids.filter((_, index) => !kept.has(index));
  const isKept = odd.length <= Math.max(1, Math.floor(ids.length * MAX_ODD_PART));
  return { isKept, oddIds: isKept ? odd : [] };
}

/** The places of a longest ascending part, by patience sorting. */
function longestAscending(ids: readonly number[]): ReadonlySet<number> {
  /** For each length the place where the lowest end of such a part is. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  ids.forEach((id, index) => {
    const length = ends.findIndex((end) => (ids[end] ?? 0) >= id);
    const place = length < 0 ? ends.length : length;
    before[index] = ends[place - 1];
    ends[place] = index;
  });
  const kept = new Set<number>();
  for (let place = ends.at(-1); place !== undefined; place = before[place]) kept.add(place);
  return kept;
}
