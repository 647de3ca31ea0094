import type { Mutant } from "./mutant.ts";

/** Mistakes that show only where amoCRM's hooks come. */
export const MUTANTS_OF_HOOKS: readonly Mutant[] = [
  {
    name: "hooks of our own writes are read again",
    caughtBy: 1107,
    world: "harsh",
    sql: [
      {
        function: "amocrm.sieve_hints",
        from: "not hints.has_deletion and exists (select from amocrm.own_writes",
        to: "false and exists (select from amocrm.own_writes",
      },
    ],
  },
  {
    name: "what hooks named is read again and dropped",
    caughtBy: 141,
    world: "harsh",
    sql: [
      { function: "public.amocrm_hints_store", from: "perform amocrm.store_deals(p_rows);", to: "null;" },
    ],
  },
];
