import type { AmocrmClient } from "../../supabase/functions/_shared/amocrm/client-port.ts";
import type { Outbox, Pace } from "../../supabase/functions/_shared/outbox/port.ts";
import type { Surgery } from "./functions.ts";

/** A deliberate mistake in the engine or in a drain; the simulation must notice it. */
export interface Mutant extends Surgery {
  name: string;
  /** A run that noticed it, tried first; should it not any more, all from 1 on are tried. */
  caughtBy: number;
  /** Statements of SQL that break the database's functions. */
  sql?: readonly Edit[];
}

/** Replaces a piece of a function's source. */
export interface Edit {
  function: string;
  from: string;
  to: string;
}

export const changesOutbox = (change: (outbox: Outbox) => Partial<Outbox>): Surgery => ({
  outbox: (outbox) => ({ ...outbox, ...change(outbox) }),
});
export const changesPace = (change: (pace: Pace) => Partial<Pace>): Surgery => ({
  pace: (pace) => ({ ...pace, ...change(pace) }),
});
export const changesClient = (change: (client: AmocrmClient) => Partial<AmocrmClient>): Surgery => ({
  client: (client) => ({ ...client, ...change(client) }),
});
