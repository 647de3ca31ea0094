import { filled } from "#shared/platform/text.ts";
import { usageFailure } from "./failure.ts";
import { FLAGS } from "./words/flags.ts";

/** The flags of `backfill`, as typed. */
export interface BackfillFlags {
  table?: string;
  since?: string;
  limit?: string;
  dryRun?: true;
  yes?: true;
}

/** What amocrm-admin is asked, but for its mode. */
export interface BackfillOrder {
  action: "backfill";
  table: "unified_lead_tracking" | "tripwire_users";
  since: string | null;
  limit: number;
}

const LIMIT_DEFAULT = 1000;
const LIMIT_MAX = 100_000;

/** Reads the flags; throws a usage failure that names the flag. */
export function backfillOrderOf({ table, since, limit }: BackfillFlags, nowMs: number): BackfillOrder {
  const name = table ?? "unified_lead_tracking";
  if (name !== "unified_lead_tracking" && name !== "tripwire_users") {
    throw usageFailure(FLAGS.table);
  }
  return { action: "backfill", table: name, since: sinceOf(since, nowMs), limit: limitOf(limit) };
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return LIMIT_DEFAULT;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw usageFailure(filled(FLAGS.count, { flag: "--limit", max: LIMIT_MAX }));
}

/** A day, which begins at midnight UTC, or a time with its offset; answered in UTC. */
export function sinceOf(text: string | undefined, nowMs: number): string | null {
  if (text === undefined) return null;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = isDay || isTime ? Date.parse(isDay ? `${text}T00:00:00Z` : text) : Number.NaN;
  // The parser takes 31 February for 3 March.
  const isReal = !Number.isNaN(ms) && !(isDay && new Date(ms).toISOString().slice(0, 10) !== text);
  if (!isReal) {
    throw usageFailure(FLAGS.since);
  }
  if (ms > nowMs) throw usageFailure(FLAGS.sinceFuture);
  return new Date(ms).toISOString();
}
