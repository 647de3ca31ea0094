import type { Mutant } from "./mutant.ts";

/** Mistakes that show only where the host tells something of its leads. */
export const MUTANTS_OF_TELLS: readonly Mutant[] = [
  {
    name: "merging neighbours drops what the newer one says",
    caughtBy: 25,
    world: "harsh",
    sql: [{ function: "amocrm.merged_with_next", from: "whole := v_payload;", to: "whole := whole;" }],
  },
];
