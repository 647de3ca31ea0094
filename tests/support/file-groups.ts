/**
 * Database tests that the gate repeats on Postgres 15: what may behave otherwise there. That is plans, locks, privileges,
 * catalogues, extensions, the order and the classes of letters, adoption. Whether 15 knows what our SQL names is asked of all
 * of it at once (database/core/known-to-15); in the deep run it is all of the tests.
 */
export const POSTGRES_15_FILES = [
  "tests/database/access/**/*.test.ts",
  "tests/database/outbox/{claim,claim-plan,drain-lease,platform-parts,strangers,tick}.test.ts",
  "tests/database/leads/limits/cost.test.ts",
  "tests/database/amocrm/mirror/match.test.ts",
  "tests/database/amocrm/pull/runs.test.ts",
  "tests/database/core/{adoption,schema}.test.ts",
  "tests/database/dashboard/loyalty.test.ts",
  "tests/database/loyalty/ledger.test.ts",
  "tests/database/**/contact-keys.test.ts",
  "tests/database/**/cron-jobs.test.ts",
  "tests/database/**/forget.test.ts",
  "tests/database/**/lost-extensions.test.ts",
  "tests/database/**/naughty-strings.test.ts",
  "tests/database/**/restored.test.ts",
  "tests/database/**/views.test.ts",
] as const;

/** What compares the newer version with 15, and has nothing to compare on 15 itself. */
export const POSTGRES_17_FILES = ["tests/database/core/known-to-15.test.ts"] as const;

/** Of those on 15: what is about somebody else's requests rather than about a version. In the deep run on 15, too. */
export const POSTGRES_15_DEEP_FILES = ["tests/database/access/odd-requests.test.ts"] as const;
