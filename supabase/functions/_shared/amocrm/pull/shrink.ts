import type { Position } from "./position.ts";

/** Sizes of a page, each a whole part of the one before, so that a smaller page begins where the larger one did. */
const SMALLER: Readonly<Record<number, number>> = { 250: 125, 125: 25, 25: 5, 5: 1 };

/** The same place in the list with smaller pages, or fewer ids in an address; null if they cannot be smaller. */
export function shrink(position: Position): Position | null {
  const limit = SMALLER[position.limit];
  if (limit === undefined) return null;
  const parts = position.limit / limit;
  const begin = (page: number) => (page === 0 ? 0 : parts * (page - 1) + 1);
  switch (position.phase) {
    case "probe": {
      const { low, high, pageSize } = position;
      return {
        ...position,
        limit,
        low: begin(low),
        high: high === null ? null : begin(high),
        pageSize: Math.ceil(pageSize / parts),
      };
    }
    case "walk":
      // Read from its end, so that the last part comes next.
      return {
        ...position,
        limit,
        ...walked(position, parts),
        page: position.isForward ? begin(position.page) : parts * position.page,
      };
    case "check":
      return { ...position, limit, ...walked(position, parts) };
    case "changed":
    case "deleted":
      return { ...position, limit, page: begin(position.page) };
    case "named":
      // By its own address the last one needs no filter.
      return { ...position, limit, isSingle: limit === 1 };
    default:
      return null;
  }
}

function walked({ lastPage, pageSize }: { lastPage: number; pageSize: number }, parts: number) {
  return { lastPage: parts * lastPage, pageSize: Math.ceil(pageSize / parts) };
}
