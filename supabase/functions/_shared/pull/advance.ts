import { PAGE_SIZE_MAX } from "../amocrm/limits.ts";
import { type At, baseOf, isDuringRun, type Position, type PullEntity } from "./position.ts";

/*
 * Lists shift between two pages while people work in the account. Each order below is chosen so that a shift repeats
 * rows and skips none:
 * - The whole list goes by id and is read from its last page to the first. A new row comes behind what was read, a
 *   deleted one moves read rows into pages that are still to come. Only a row that is restored meanwhile pushes another
 *   over a boundary; then the list is longer than what was seen, and the walk begins again.
 * - Changes go latest first. What changes meanwhile moves to the front and pushes rows into pages that are still to come;
 *   itself it is in the next run's window, since the run vouches only for the time up to its start. Only a deletion pulls
 *   rows over a boundary; deletions are read afterwards, and if one was made meanwhile, the window is read again.
 */

/** How often a list that shifted is read again. A row is lost only if it is skipped both times, by two different shifts. */
const MOST_REPEATS = 1;

/** What a page tells about the rest of its list. */
export interface PageSeen {
  rows: readonly { id: number; updatedAt: number }[];
  hasMore: boolean;
  /** The account gave rows that were not asked for. */
  filterIgnored: boolean;
}

/** The list is not in the order that was asked for, without which nothing can be vouched for. */
export class OrderIgnoredError extends Error {
  override readonly name = "OrderIgnoredError";
  readonly code = "order_ignored";
}

/** The page to ask for; of a phase that has pages. */
export function pageOf(position: Position): number {
  switch (position.phase) {
    case "probe":
      if (position.low === 0) return 1;
      return position.high === null ? position.low * 2 : Math.floor((position.low + position.high) / 2);
    case "check":
      return position.lastPage;
    case "walk":
    case "changed":
    case "deleted":
      return position.page;
    default:
      return 1;
  }
}

/** Where the run stands after a page. Throws OrderIgnoredError. */
export function advance(entity: PullEntity, position: Position, seen: PageSeen): Position {
  switch (position.phase) {
    case "probe":
      return afterProbe(entity, position, seen);
    case "walk":
      return afterWalk(entity, position, seen);
    case "check":
      return afterCheck(entity, position, seen);
    case "changed":
      return afterChanged(entity, position, seen);
    case "named":
    case "through":
      return position;
    case "deleted":
      return afterDeleted(position, seen);
  }
}

/** An estimate of the requests that are left, this run's last look at deletions included; null if nobody can tell. */
export function pagesLeft(position: Position): number | null {
  switch (position.phase) {
    case "walk":
      return position.page + 3;
    case "check":
      return 3;
    case "deleted":
      return 1;
    case "through":
      return 0;
    default:
      return null;
  }
}

/** After the deals that contacts name. */
export function afterNamed(position: At<"named">): Position {
  const { isSuspect, isLong, passCount } = position;
  return { ...baseOf(position), phase: "deleted", page: 1, passCount, isSuspect, isLong };
}

/** On an account that ignores the filter by id: all deals are read, as the contacts were. */
export function walkInstead(position: Position): Position {
  return { ...baseOf(position), phase: "probe", low: 0, high: null, pageSize: 0 };
}

function afterProbe(entity: PullEntity, position: At<"probe">, seen: PageSeen): Position {
  const page = pageOf(position);
  requireAscending(seen);
  const pageSize = Math.max(position.pageSize, seen.rows.length);
  if (page === 1 && !seen.hasMore) return afterWholeList(entity, position);
  if (seen.rows.length > 0 && !seen.hasMore) return walkFrom(position, page, pageSize, 0);
  const low = seen.rows.length > 0 ? page : position.low;
  const high = seen.rows.length > 0 ? position.high : page;
  if (high !== null && high - low <= 1) return walkFrom(position, Math.max(1, low), pageSize, 0);
  return { ...position, low, high, pageSize };
}

function walkFrom(position: Position, lastPage: number, pageSize: number, restartCount: number): At<"walk"> {
  return {
    ...baseOf(position),
    phase: "walk",
    page: lastPage,
    lastPage,
    pageSize,
    lowestId: null,
    highestId: null,
    seenCount: 0,
    restartCount,
  };
}

function afterWalk(entity: PullEntity, position: At<"walk">, seen: PageSeen): Position {
  requireAscending(seen);
  const lowestBefore = position.lowestId ?? Number.POSITIVE_INFINITY;
  const fresh = seen.rows.filter(({ id }) => id < lowestBefore);
  const walk = {
    lastPage: position.lastPage,
    pageSize: position.pageSize,
    highestId: position.highestId ?? seen.rows.at(-1)?.id ?? null,
    seenCount: position.seenCount + fresh.length,
    restartCount: position.restartCount,
  };
  if (position.page > 1) {
    const lowestId = fresh[0]?.id ?? position.lowestId;
    return { ...baseOf(position), phase: "walk", ...walk, page: position.page - 1, lowestId };
  }
  return position.lastPage === 1
    ? afterWholeList(entity, position)
    : { ...baseOf(position), phase: "check", ...walk };
}

function afterCheck(entity: PullEntity, position: At<"check">, seen: PageSeen): Position {
  const { lastPage, pageSize, highestId, seenCount, restartCount } = position;
  const known = seen.rows.filter(({ id }) => id <= (highestId ?? 0)).length;
  // A page that begins behind the highest id seen says nothing of the rows before it.
  const isLonger = known > 0 && (lastPage - 1) * pageSize + known > seenCount;
  return isLonger && restartCount < MOST_REPEATS
    ? walkFrom(position, lastPage + (seen.hasMore ? 1 : 0), pageSize, restartCount + 1)
    : afterWholeList(entity, position);
}

function afterWholeList(entity: PullEntity, position: Position): Position {
  const rest = { page: 1, passCount: 0, isSuspect: false };
  return entity === "contact"
    ? { ...baseOf(position), phase: "changed", ...rest }
    : { ...baseOf(position), phase: "deleted", ...rest, isLong: false };
}

function afterChanged(entity: PullEntity, position: At<"changed">, seen: PageSeen): Position {
  const { page, passCount } = position;
  const isShort = seen.hasMore && !seen.filterIgnored && seen.rows.length < PAGE_SIZE_MAX;
  const isSuspect =
    position.isSuspect || isShort || (page > 1 && isEmpty(seen)) || (page > 1 && !isDescending(seen));
  if (seen.hasMore) return { ...position, page: page + 1, isSuspect };
  const rest = { passCount, isSuspect, isLong: page > 1 };
  return entity === "deal"
    ? { ...baseOf(position), phase: "named", isSingle: false, ...rest }
    : { ...baseOf(position), phase: "deleted", page: 1, ...rest };
}

function afterDeleted(position: At<"deleted">, seen: PageSeen): Position {
  const { page, passCount, isLong } = position;
  const isSuspect =
    position.isSuspect || (isLong && seen.rows.some((row) => isDuringRun(row.updatedAt, position)));
  if (seen.hasMore) return { ...position, page: page + 1, isSuspect };
  return isSuspect && passCount < MOST_REPEATS
    ? { ...baseOf(position), phase: "changed", page: 1, passCount: passCount + 1, isSuspect: false }
    : { ...baseOf(position), phase: "through" };
}

function isEmpty({ rows, filterIgnored }: PageSeen): boolean {
  return rows.length === 0 && !filterIgnored;
}

function isDescending({ rows }: PageSeen): boolean {
  return rows.every((row, index) => row.updatedAt <= (rows[index - 1] ?? row).updatedAt);
}

function requireAscending({ rows }: PageSeen): void {
  if (rows.some((row, index) => row.id <= (rows[index - 1]?.id ?? 0))) {
    throw new OrderIgnoredError("amoCRM did not list by id although it was asked to");
  }
}
