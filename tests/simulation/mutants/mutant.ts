import type { AmocrmClient } from "#shared/amocrm/api/client-port.ts";
import type { Outbox } from "#shared/amocrm/drain/port.ts";
import type { Pace } from "#shared/outbox/port.ts";
import type { Sabotage } from "../world/functions.ts";

/** A deliberate mistake in the engine or in a drain; the simulation must notice it. */
export interface Mutant extends Sabotage {
  name: string;
  /** A run that noticed it, the shortest of those that are known; should it not any more, all from 1 on are tried. */
  caughtBy: number;
  /** Of which world that run is: the smallest with all that the mistake needs to show. Default: the mild one. */
  world?: "plain" | "mild" | "harsh";
  /** Statements of SQL that break the database's functions. */
  sql?: readonly Edit[];
}

/** Replaces a piece of a function's source. */
export interface Edit {
  function: string;
  from: string;
  to: string;
}

export const changesOutbox = (change: (outbox: Outbox) => Partial<Outbox>): Sabotage => ({
  outbox: (outbox) => ({ ...outbox, ...change(outbox) }),
});
export const changesPace = (change: (pace: Pace) => Partial<Pace>): Sabotage => ({
  pace: (pace) => ({ ...pace, ...change(pace) }),
});
export const changesClient = (change: (client: AmocrmClient) => Partial<AmocrmClient>): Sabotage => ({
  client: (client) => ({ ...client, ...change(client) }),
});
