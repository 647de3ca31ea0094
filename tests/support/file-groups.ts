/**
 * Database tests that the gate repeats on Postgres 15: what a version can break. That is SQL that it may not know, plans,
 * locks, privileges, catalogues and the extensions; in the deep run it is all of them.
 */
export const POSTGRES_15_FILES = [
  "tests/database/access/**/*.test.ts",
  "tests/database/outbox/**/*.test.ts",
  "tests/database/leads/limits/**/*.test.ts",
  "tests/database/loyalty/{deals,follow-ups,ledger,members,rfm,social*,tiers}.test.ts",
  "tests/database/followups/{consents,hours,sequences}.test.ts",
  "tests/database/dashboard/loyalty.test.ts",
  "tests/database/amocrm/mirror/**/*.test.ts",
  "tests/database/amocrm/pull/**/*.test.ts",
  "tests/database/**/adoption*.test.ts",
  "tests/database/**/busy-tables.test.ts",
  "tests/database/**/contact-keys.test.ts",
  "tests/database/**/cron-jobs.test.ts",
  "tests/database/**/forget.test.ts",
  "tests/database/**/lost-extensions.test.ts",
  "tests/database/**/naughty-strings.test.ts",
  "tests/database/**/restored.test.ts",
  "tests/database/**/schema.test.ts",
  "tests/database/**/timeline.test.ts",
  "tests/database/**/views.test.ts",
] as const;

/**
 * Of those: what takes long in SQL that the others ask of Postgres 15 as well (turns, histories, endings and waits), and what
 * is about somebody else's tables or requests rather than about a version. In the deep run on 15, too.
 */
export const POSTGRES_15_DEEP_FILES = [
  "tests/database/access/odd-requests.test.ts",
  "tests/database/amocrm/mirror/{clock-offset,turns}.test.ts",
  "tests/database/core/{adoption-obstacles,busy-tables}.test.ts",
  "tests/database/followups/{hours,sequences}.test.ts",
  "tests/database/loyalty/social-networks.test.ts",
  "tests/database/outbox/{backfill,error-policies,merge,model,rescue,sweep}.test.ts",
] as const;
