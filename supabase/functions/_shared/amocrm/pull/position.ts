import { z } from "zod";
import { PAGE_SIZE_MAX } from "../rules/limits.ts";

/** What a run is about; a run of deals follows one of contacts. */
export type PullEntity = "contact" | "deal";

const Seconds = z.int().nonnegative();
const Base = {
  kind: z.enum(["first", "window", "since"]),
  /** Unix seconds. Once the run is through, every change and deletion up to here is in the mirror. */
  startedAt: Seconds,
  /** Changes from this second on are read. */
  changedFrom: Seconds,
  /** Deletions from this second on are read. */
  deletedFrom: Seconds,
  /** By so many seconds amoCRM's clock is ahead: what it is asked for, and what it tells, goes by that. */
  clockOffset: z.int(),
  /** Rows that a page is asked for: fewer where a full one is too large or takes amoCRM too long. */
  limit: z.int().positive(),
  /** The whole list was read because its changes could not be told apart (advance.ts). */
  hasWalked: z.boolean(),
  /** amoCRM lists in another order than by id. */
  isUnordered: z.boolean().default(false),
};
const WalkBase = {
  lastPage: z.int().positive(),
  /** Rows of a full page, as amoCRM gives them. */
  pageSize: z.int().nonnegative(),
  highestId: z.int().nullable(),
  /** How many different rows the walk has seen. */
  seenCount: z.int(),
  restartCount: z.int(),
};

/**
 * Where a run stands: what its next request is. It is committed together with each page, so that a run that is killed
 * anywhere goes on from here.
 */
export const Position = z.discriminatedUnion("phase", [
  /** Looks for the last page of the whole list: `low` has rows, `high` has none. */
  z.object({
    ...Base,
    phase: z.literal("probe"),
    low: z.int(),
    high: z.int().nullable(),
    pageSize: z.int().nonnegative(),
  }),
  /** Reads the whole list, from its last page to the first. */
  z.object({
    ...Base,
    ...WalkBase,
    phase: z.literal("walk"),
    page: z.int().positive(),
    lowestId: z.int().nullable(),
    /** Read once more, from the first page to the last, since there is no order to trust. */
    isForward: z.boolean().default(false),
  }),
  /** Asks once more how long the list is. */
  z.object({ ...Base, ...WalkBase, phase: z.literal("check") }),
  /** Reads what changed: a page of it latest first, more of it by id, or latest first where amoCRM ignores the filter. */
  z.object({
    ...Base,
    phase: z.literal("changed"),
    order: z.enum(["latest", "id", "unfiltered"]),
    page: z.int().positive(),
    /** When the last row of the page before was changed. */
    lastSecond: z.int().nullable(),
    /** Rows of one second stood on two pages, each of which may have had its own order. */
    isStraddling: z.boolean(),
    passCount: z.int(),
    isSuspect: z.boolean(),
    /** The page before held fewer rows than a page can. */
    isAfterShort: z.boolean().default(false),
  }),
  /** Reads deals by id that contacts name and the mirror lacks. */
  z.object({
    ...Base,
    phase: z.literal("named"),
    isSingle: z.boolean(),
    passCount: z.int(),
    isSuspect: z.boolean(),
    isLong: z.boolean(),
  }),
  /** Reads what was deleted, latest deletion first. */
  z.object({
    ...Base,
    phase: z.literal("deleted"),
    page: z.int().positive(),
    passCount: z.int(),
    isSuspect: z.boolean(),
    isLong: z.boolean(),
  }),
  z.object({ ...Base, phase: z.literal("through") }),
]);
export type Position = z.infer<typeof Position>;
/** A position in one of the named phases. */
export type At<P extends Position["phase"]> = Extract<Position, { phase: P }>;

/** A list may show a change two minutes late, its times are whole seconds, and its clock is known by a second or two. */
const OVERLAP_SECONDS = 150;
/** How far back the first run reads deals that no contact names. */
const FIRST_DEALS_SECONDS = 7 * 86_400;

/** What the database tells of a run that begins; times in Unix seconds, null for never. */
export interface Beginning {
  entity: PullEntity;
  kind: Position["kind"];
  now: number;
  since: number | null;
  changedUntil: number | null;
  deletedUntil: number | null;
  clockOffset: number;
}

/** Before the first page of what changed. */
export const FIRST_PAGE = {
  order: "latest",
  page: 1,
  lastSecond: null,
  isStraddling: false,
  isSuspect: false,
  isAfterShort: false,
} as const;

/** Where a run begins. */
export function firstPosition({
  entity,
  kind,
  now,
  since,
  changedUntil,
  deletedUntil,
  clockOffset,
}: Beginning): Position {
  const known = changedUntil === null ? null : changedUntil - OVERLAP_SECONDS;
  const usual = known ?? (entity === "deal" ? now - FIRST_DEALS_SECONDS : now - OVERLAP_SECONDS);
  // An earlier moment than the last run's leaves no gap behind it; a later one would, once there was a run.
  const wished = since === null ? usual : known === null ? since : Math.min(since, known);
  const base = {
    kind,
    startedAt: now,
    changedFrom: Math.max(0, wished),
    deletedFrom: Math.max(0, (deletedUntil ?? now) - OVERLAP_SECONDS),
    clockOffset,
    limit: PAGE_SIZE_MAX,
    hasWalked: false,
    isUnordered: false,
  };
  return kind === "first" && entity === "contact"
    ? { ...base, phase: "probe", low: 0, high: null, pageSize: 0 }
    : { ...base, phase: "changed", ...FIRST_PAGE, passCount: 0 };
}

/** The fields that all phases share. */
export function baseOf({
  kind,
  startedAt,
  changedFrom,
  deletedFrom,
  clockOffset,
  limit,
  hasWalked,
  isUnordered,
}: Position): Pick<Position, keyof typeof Base> {
  return { kind, startedAt, changedFrom, deletedFrom, clockOffset, limit, hasWalked, isUnordered };
}

/** True if a deletion happened while, or shortly before, the run read its changes. */
export function isDuringRun(updatedAt: number, { startedAt, clockOffset }: Position): boolean {
  return updatedAt >= startedAt + clockOffset - OVERLAP_SECONDS;
}
