/** How thorough a run is. */
export interface BenchOptions {
  /** Smaller counts and one run each: under a minute in all, for looking whether something broke. */
  isQuick: boolean;
  /** How often each contestant is measured; the median counts. */
  runs: number;
  /** Says what is going on, one line each. */
  say(text: string): void;
}

/** One benchmark: what it answers, its figures, and what must be known to read them. */
export interface Report {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Sentences below the table. Where we are behind, one of them says so. */
  remarks: readonly string[];
}

export type Bench = (options: BenchOptions) => Promise<Report>;
