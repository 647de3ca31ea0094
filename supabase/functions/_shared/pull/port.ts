import type { Contact, Deal } from "../amocrm/entities.ts";
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
}

/** How the wish to pull was answered; `now` is the database's clock. */
export type Begun =
  | { outcome: "granted"; now: string; pipelinesReadAt: string | null; pull: Pull }
  | { outcome: "busy" | "not_due" | "paused" | "breaker_open" };

/** One page and what follows from it. */
export interface PulledPage {
  rows: readonly (Contact | Deal)[];
  /** Where the run stands next. */
  position: Position;
  /** The ids of deals that the page answers, whether they came or not; null for all that are missing. */
  asked: readonly number[] | null;
  pagesLeft: number | null;
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
  /** Ids of deals that contacts name and the mirror lacks. */
  missing(limit: number): Promise<number[]>;
  /** Every change and deletion up to the moment is in the mirror. */
  finish(token: string, pullId: number, until: string): Promise<void>;
  fail(token: string, pullId: number, code: string, message: string): Promise<void>;
  /** Gives the lease back. True if something is due; with `rings`, the next call is on its way then. */
  end(token: string, rings: boolean): Promise<boolean>;
}
