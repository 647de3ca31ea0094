import type { Contact, Deal } from "../api/entities.ts";
import type { Position, PullEntity } from "./position.ts";

/** A run that is to be gone on with, or a new one: then its position is null. Times are ISO 8601. */
export interface Pull {
  id: number;
  entity: PullEntity;
  kind: "first" | "window" | "since";
  since: string | null;
  position: Position | null;
  changedUntil: string | null;
  deletedUntil: string | null;
  /** How far amoCRM's clock was ahead when it last told; null if it never did. */
  clockOffsetMs: number | null;
}

/** How the wish to pull was answered; `now` is the database's clock. */
export type Begun =
  | { outcome: "granted"; now: string; pipelinesReadAt: string | null; isHookCheckDue: boolean; pull: Pull }
  | { outcome: "hints"; clockOffsetMs: number | null }
  | { outcome: "busy" | "not_due" | "paused" | "breaker_open" };

/** One page and what follows from it. */
interface PulledPage {
  rows: readonly (Contact | Deal)[];
  /** Where the run stands next. */
  position: Position;
  /** The ids of deals that the page answers, whether they came or not; null for all that are missing. */
  asked: readonly number[] | null;
  pagesLeft: number | null;
}

/** What hooks named and is to be read again, of one entity; null if nothing is left. Times are the database's. */
export interface TakenHints {
  entity: PullEntity | null;
  takenAt: string;
  /** The earliest second at which a hook named one of them. */
  since: number | null;
  ids: readonly number[];
  deletedIds: readonly number[];
}

/** What came of reading them. */
export interface ReadHints {
  entity: PullEntity;
  rows: readonly (Contact | Deal)[];
  asked: readonly number[];
  takenAt: string;
  /** When they were read, in Unix seconds by amoCRM's clock. */
  readAt: number | null;
}

/** Port: the runs, by their named SQL functions. Methods with a token throw LeaseLostError once another pull took over. */
export interface Pulls {
  begin(token: string): Promise<Begun>;
  /** Stores a page and the run's next position together. Refused, with nothing stored, if too much would be deleted. */
  page(
    token: string,
    pullId: number,
    page: PulledPage,
  ): Promise<{ isRefused: boolean; deletedCount: number }>;
  takeHints(token: string, limit: number): Promise<TakenHints>;
  storeHints(token: string, read: ReadHints): Promise<void>;
  /** They cannot be read now; the regular pull goes on. */
  letHintsWait(token: string, entity: PullEntity, ids: readonly number[]): Promise<void>;
  /** Ids of deals that contacts name and the mirror lacks. */
  missing(limit: number): Promise<number[]>;
  /** Notes a row that is odd; without an id if it cannot be read at all, so that nobody knows which it is. */
  setAside(entity: PullEntity, id: number | null, reason: string): Promise<void>;
  /** Every change and deletion up to the moment is in the mirror. */
  finish(token: string, pullId: number, until: string): Promise<void>;
  fail(token: string, pullId: number, code: string, message: string): Promise<void>;
  /**
   * Gives the lease back, and notes amoCRM's clock if it told it. True if something is due; with `rings`, the next call
   * is on its way then.
   */
  end(token: string, rings: boolean, clockOffsetMs: number | null): Promise<boolean>;
}
