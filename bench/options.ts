/** How thorough a run is. */
export interface BenchOptions {
  /** Smaller counts and one run each: under a minute in all, for looking whether something broke. */
  isQuick: boolean;
  /** How often each contestant is measured; the median counts. */
  runs: number;
  /** Says what is going on, one line each. */
  say(text: string): void;
}

/** A figure that a slower machine does not change, with the largest that is sound; far above what was measured. */
export interface Ratio {
  name: string;
  value: number;
  max: number;
}

/** One benchmark: what it answers, its figures, and what must be known to read them. */
export interface Report {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Sentences below the table. Where we are behind, one of them says so. */
  remarks: readonly string[];
  /** Judged with `--check`. */
  ratios?: readonly Ratio[];
}

export type Bench = (options: BenchOptions) => Promise<Report>;
