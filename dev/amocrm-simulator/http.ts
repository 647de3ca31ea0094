/** A request as the simulator sees it, whichever way it came in. */
export interface Incoming {
  method: string;
  url: URL;
  /** Value of a header by its lower-case name. */
  header: (name: string) => string | null;
  body: string;
}

/** An answer before it becomes a Response or goes out over a socket; an empty body means none. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Whole values of Set-Cookie, one a cookie. */
  cookies?: readonly string[];
  /** How many rows a list shows: what its duration grows with. */
  rows?: number;
}

/** How a request ends: answered, connection reset, or never answered; and then, whether the work was done. */
export type Outcome = { kind: "answer"; answer: Answer } | { kind: "reset" | "hang"; afterWrite: boolean };

/** Stands for a connection that broke; `afterWrite` tells a test whether the work had been done. */
export class SimulatedReset extends TypeError {
  readonly code = "ECONNRESET";
  readonly afterWrite: boolean;

  constructor(afterWrite: boolean) {
    super("fetch failed: simulated connection reset");
    this.name = "SimulatedReset";
    this.afterWrite = afterWrite;
  }
}
