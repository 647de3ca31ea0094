import { type Remark, remark } from "./plan.ts";

/** As the Supabase CLI takes a version out of a file's name. */
const VERSION = /^(\d+)_.*\.sql$/;

/**
 * Versions for further migrations: UTC, a second apart, later than every version there is, so that they are applied after
 * the host's own. The CLI orders by text, as we do.
 */
export function versionsAfter(files: readonly string[], count: number, now: Date): string[] | Remark {
  const newest = files
    .map((file) => ({ file, version: VERSION.exec(file)?.[1] ?? "" }))
    .toSorted((a, b) => (a.version < b.version ? -1 : 1))
    .at(-1);
  // The last of them is now, where there is room: a migration that the host makes next sorts after ours.
  const start = startAfter(newest?.version ?? "", new Date(now.getTime() - count * 1000));
  if (start === null) return remark("version_too_late", { file: newest?.file ?? "" });
  return Array.from({ length: count }, (_, index) => stampOf(start.getTime() + index * 1000));
}

function startAfter(newest: string, now: Date): Date | null {
  if (newest < stampOf(now.getTime())) return now;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(newest) ?? [];
  if (year === undefined) return null;
  const next = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // A time that no calendar has, such as 20269999…, has no next second either.
  if (Number.isNaN(next.getTime()) || stampOf(next.getTime()) !== newest) return null;
  return new Date(next.getTime() + 1000);
}

function stampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14);
}
