import { PAGE_SIZE_MAX } from "../rules/limits.ts";
import { orderById } from "./order.ts";
import { type At, baseOf, FIRST_PAGE, isDuringRun, type Position, type PullEntity } from "./position.ts";

/*
 * Lists shift between two pages while people work in the account. Each order below is chosen so that a shift repeats
 * rows and skips none:
 * - The whole list goes by id and is read from its last page to the first. A new row comes behind what was read, a
 *   deleted one moves read rows into pages that are still to come. Only a row that is restored meanwhile pushes another
 *   over a boundary; then the list is longer than what was seen, and the walk begins again.
 *   Where amoCRM does not keep the order, the list is read once from each end: a row is lost only if a shift skipped it
 *   both times.
 * - Changes that fit on a page have no order that matters. More of them go by id, which no change moves: what changes
 *   meanwhile comes into the list and pushes rows into pages that are still to come. Latest first would not do, since rows
 *   of one second, as a bulk edit makes them, may come in another order for each page. Where amoCRM ignores the filter
 *   there is nothing else; rows of one second on two pages then have the whole list read, once.
 *   Only a deletion pulls rows over a boundary; deletions are read afterwards, and if one was made meanwhile, the window is
 *   read again.
 */

/** How often a list that shifted is read again. A row is lost only if it is skipped both times, by two different shifts. */
const MAX_REPEATS = 1;

/** What a page tells about the rest of its list. */
export interface PageSeen {
  rows: readonly { id: number; updatedAt: number }[];
  hasMore: boolean;
  /** The account gave rows that were not asked for. */
  filterIgnored: boolean;
  /** Rows that were there and could not be read: they take their place in a page all the same. */
  droppedCount?: number;
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

/** Where the run stands after a page. */
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
      return (position.isForward ? Math.max(0, position.lastPage - position.page) : position.page) + 3;
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
  // An address that was too long says nothing of how large a page may be.
  return {
    ...baseOf(position),
    limit: PAGE_SIZE_MAX,
    phase: "deleted",
    page: 1,
    passCount,
    isSuspect,
    isLong,
  };
}

/** On an account that ignores filters: the whole list is read. */
export function walkInstead(position: Position): Position {
  return { ...baseOf(position), hasWalked: true, phase: "probe", low: 0, high: null, pageSize: 0 };
}

/** The same position, aware that amoCRM lists in another order than by id. */
function aware<P extends At<"probe" | "walk">>(position: P, { rows }: PageSeen): P {
  return orderById(rows).isKept ? position : { ...position, isUnordered: true };
}

function afterProbe(entity: PullEntity, before: At<"probe">, seen: PageSeen): Position {
  const position = aware(before, seen);
  const page = pageOf(position);
  const pageSize = Math.max(position.pageSize, sizeOf(seen));
  if (page === 1 && !seen.hasMore) return afterWholeList(entity, position);
  if (sizeOf(seen) > 0 && !seen.hasMore) return walkFrom(position, page, pageSize, 0);
  const low = sizeOf(seen) > 0 ? page : position.low;
  const high = sizeOf(seen) > 0 ? position.high : page;
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
    isForward: false,
  };
}

function afterWalk(entity: PullEntity, before: At<"walk">, seen: PageSeen): Position {
  const position = aware(before, seen);
  if (position.isUnordered) return afterUnordered(entity, position, seen);
  const lowestBefore = position.lowestId ?? Number.POSITIVE_INFINITY;
  const fresh = seen.rows.filter(({ id }) => id < lowestBefore);
  const walk = {
    lastPage: position.lastPage,
    pageSize: position.pageSize,
    highestId: position.highestId ?? seen.rows.at(-1)?.id ?? null,
    seenCount: position.seenCount + fresh.length + (seen.droppedCount ?? 0),
    restartCount: position.restartCount,
    isForward: false,
  };
  if (position.page > 1) {
    const lowestId = fresh[0]?.id ?? position.lowestId;
    return { ...baseOf(position), phase: "walk", ...walk, page: position.page - 1, lowestId };
  }
  return position.lastPage === 1
    ? afterWholeList(entity, position)
    : { ...baseOf(position), phase: "check", ...walk };
}

/** To the first page, and then once more to the last one. */
function afterUnordered(entity: PullEntity, position: At<"walk">, seen: PageSeen): Position {
  const { page, lastPage, isForward } = position;
  if (!isForward && page > 1) return { ...position, page: page - 1 };
  if (!isForward && lastPage > 1) return { ...position, page: 1, isForward: true };
  return isForward && seen.hasMore ? { ...position, page: page + 1 } : afterWholeList(entity, position);
}

function afterCheck(entity: PullEntity, position: At<"check">, seen: PageSeen): Position {
  const { lastPage, pageSize, highestId, seenCount, restartCount } = position;
  const known = seen.rows.filter(({ id }) => id <= (highestId ?? 0)).length;
  // A page that begins behind the highest id seen says nothing of the rows before it.
  const isLonger = known > 0 && (lastPage - 1) * pageSize + known > seenCount;
  return isLonger && restartCount < MAX_REPEATS
    ? walkFrom(position, lastPage + (seen.hasMore ? 1 : 0), pageSize, restartCount + 1)
    : afterWholeList(entity, position);
}

function afterWholeList(entity: PullEntity, position: Position): Position {
  return entity === "contact"
    ? { ...baseOf(position), phase: "changed", ...FIRST_PAGE, passCount: 0 }
    : { ...baseOf(position), phase: "deleted", page: 1, passCount: 0, isSuspect: false, isLong: false };
}

function afterChanged(entity: PullEntity, position: At<"changed">, seen: PageSeen): Position {
  const { page, passCount, order } = position;
  if (order === "latest" && page === 1 && seen.hasMore && sizeOf(seen) >= position.limit)
    return { ...position, order: "id" };
  if (order === "id") return afterById(entity, position, seen);
  // A short page is the last one, also where amoCRM always links on; one with rows behind it has lost some meanwhile.
  const isShort = seen.hasMore && !seen.filterIgnored && sizeOf(seen) < position.limit;
  const isBroken = isEmpty(seen) ? !position.isAfterShort : position.isAfterShort || !isDescending(seen);
  const isSuspect = position.isSuspect || (page > 1 && isBroken);
  const isStraddling =
    position.isStraddling ||
    (position.lastSecond !== null && seen.rows[0]?.updatedAt === position.lastSecond);
  const lastSecond = seen.rows.at(-1)?.updatedAt ?? null;
  if (seen.hasMore)
    return { ...position, page: page + 1, lastSecond, isStraddling, isSuspect, isAfterShort: isShort };
  if (isStraddling && !position.hasWalked) return walkInstead(position);
  const rest = { passCount, isSuspect, isLong: page > (isEmpty(seen) ? 2 : 1) };
  return afterAllChanged(entity, position, rest);
}

function afterById(entity: PullEntity, position: At<"changed">, seen: PageSeen): Position {
  if (seen.filterIgnored || !orderById(seen.rows).isKept)
    return { ...position, ...FIRST_PAGE, order: "unfiltered" };
  if (seen.hasMore) return { ...position, page: position.page + 1 };
  const { passCount, isSuspect } = position;
  return afterAllChanged(entity, position, { passCount, isSuspect, isLong: true });
}

function afterAllChanged(
  entity: PullEntity,
  position: Position,
  rest: { passCount: number; isSuspect: boolean; isLong: boolean },
): Position {
  return entity === "deal"
    ? { ...baseOf(position), phase: "named", isSingle: false, ...rest }
    : { ...baseOf(position), phase: "deleted", page: 1, ...rest };
}

function afterDeleted(position: At<"deleted">, seen: PageSeen): Position {
  const { page, passCount, isLong } = position;
  const isSuspect =
    position.isSuspect || (isLong && seen.rows.some((row) => isDuringRun(row.updatedAt, position)));
  if (seen.hasMore) return { ...position, page: page + 1, isSuspect };
  return isSuspect && passCount < MAX_REPEATS
    ? { ...baseOf(position), phase: "changed", ...FIRST_PAGE, passCount: passCount + 1 }
    : { ...baseOf(position), phase: "through" };
}

function sizeOf({ rows, droppedCount = 0 }: PageSeen): number {
  return rows.length + droppedCount;
}

function isEmpty(seen: PageSeen): boolean {
  return sizeOf(seen) === 0 && !seen.filterIgnored;
}

function isDescending({ rows }: PageSeen): boolean {
  // A time that could not be read stands nowhere in the order.
  const times = rows.map(({ updatedAt }) => updatedAt).filter((time) => time !== 0);
  return times.every((time, index) => time <= (times[index - 1] ?? time));
}
