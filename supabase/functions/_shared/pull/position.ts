import { z } from "zod";

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
  }),
  /** Asks once more how long the list is. */
  z.object({ ...Base, ...WalkBase, phase: z.literal("check") }),
  /** Reads what changed, latest change first. */
  z.object({
    ...Base,
    phase: z.literal("changed"),
    page: z.int().positive(),
    passCount: z.int(),
    isSuspect: z.boolean(),
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

/** amoCRM's and our clocks may differ, and its times are whole seconds. */
const OVERLAP_SECONDS = 120;
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
}

/** Where a run begins. */
export function firstPosition({ entity, kind, now, since, changedUntil, deletedUntil }: Beginning): Position {
  const known = changedUntil === null ? null : changedUntil - OVERLAP_SECONDS;
  const usual = known ?? (entity === "deal" ? now - FIRST_DEALS_SECONDS : now - OVERLAP_SECONDS);
  // An earlier moment than the last run's leaves no gap behind it; a later one would, once there was a run.
  const wished = since === null ? usual : known === null ? since : Math.min(since, known);
  const base = {
    kind,
    startedAt: now,
    changedFrom: Math.max(0, wished),
    deletedFrom: Math.max(0, (deletedUntil ?? now) - OVERLAP_SECONDS),
  };
  return kind === "first" && entity === "contact"
    ? { ...base, phase: "probe", low: 0, high: null, pageSize: 0 }
    : { ...base, phase: "changed", page: 1, passCount: 0, isSuspect: false };
}

/** The fields that all phases share. */
export function baseOf({
  kind,
  startedAt,
  changedFrom,
  deletedFrom,
}: Position): Pick<Position, keyof typeof Base> {
  return { kind, startedAt, changedFrom, deletedFrom };
}

/** True if a deletion happened while, or shortly before, the run read its changes. */
export function isDuringRun(updatedAt: number, { startedAt }: Position): boolean {
  return updatedAt >= startedAt - OVERLAP_SECONDS;
}
