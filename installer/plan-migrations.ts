import { collisionsIn } from "./collisions.ts";
import type { Host } from "./host.ts";
import { knownSteps } from "./known.ts";
import { withMarker } from "./marker.ts";
import { versionsAfter } from "./migration-names.ts";
import type { Payload } from "./payload.ts";
import { type Change, type Remark, remark } from "./plan.ts";
import { readSteps, type Steps, UNINSTALL_STEP } from "./steps.ts";

/** What a project's migrations need. */
export interface MigrationPlan {
  changes: Change[];
  notices: Remark[];
  refusals: Remark[];
  /** What counts afterwards. */
  steps: Record<string, string>;
  baseline: string | undefined;
}

export interface MigrationWishes {
  payload: Payload;
  read(file: string): string;
  now: Date;
  /** The version that a migration without our marks holds, as a person says. */
  baseline: string | undefined;
  /** Take out what is there by a down-migration, and begin anew. */
  isReplacing: boolean;
}

/** Which migrations are added, behind the host's own; nothing that is there is ever written again. */
export function planMigrations(host: Host, wishes: MigrationWishes): MigrationPlan {
  const { payload } = wishes;
  const known = knownSteps(payload);
  const marked = readSteps(host, known, null);
  const adopted = adopt(host, marked, wishes);
  if ("code" in adopted) return refused([adopted]);
  const steps = adopted.baseline === null ? marked : readSteps(host, known, adopted.baseline);
  const collisions = collisionsIn(steps, payload);
  if (collisions.length > 0) return refused(collisions);

  const notices = steps.changed.map((file) => remark("migration_changed", { file }));
  const isReplaced = !isBeginningOf(steps.present, payload);
  if (isReplaced && !wishes.isReplacing)
    return refused([remark("another_set", { version: payload.version })]);
  const added = payload.migrations.filter(({ step }) => isReplaced || !steps.present.has(step));
  const texts = [
    ...(isReplaced ? [{ name: UNINSTALL_STEP, text: downMigration(payload) }] : []),
    ...added.map(({ name, file }) => ({ name, text: wishes.read(`migrations/${file}`) })),
  ];
  const versions = versionsAfter(
    host.migrations.map(({ file }) => file),
    texts.length,
    wishes.now,
  );
  if (!Array.isArray(versions)) return refused([versions]);
  return {
    changes: texts.map(({ name, text }, index) => ({
      place: `migrations/${versions[index]}_amocrm_${name}.sql`,
      was: null,
      text,
    })),
    notices: isReplaced ? [...notices, remark("replacing")] : notices,
    refusals: [],
    steps: Object.fromEntries(payload.migrations.map(({ step, hash }) => [step, hash])),
    baseline: isReplaced ? undefined : adopted.baseline?.file,
  };
}

/** The migration that takes everything out of the database but what people have entered. */
export function downMigration({ removalSql, version }: Payload): string {
  const text = `-- Takes out what the migrations of supabase-amocrm before this one made, where they were applied. Leads and students stay.\n${removalSql};\n`;
  return withMarker(text, "uninstall.sql", version, UNINSTALL_STEP);
}

function refused(refusals: Remark[]): MigrationPlan {
  return { changes: [], notices: [], refusals, steps: {}, baseline: undefined };
}

/** A squashed history has lost our marks: what it holds is known from our record, or from a person. */
function adopt(
  { record }: Host,
  { present, foreign }: Steps,
  { payload, baseline }: MigrationWishes,
): { baseline: { file: string; steps: Record<string, string> } | null } | Remark {
  const [found] = collisionsIn({ present, changed: [], ours: [], foreign }, payload).filter(
    ({ code }) => code === "schema_there",
  );
  if (found === undefined || present.size > 0) return { baseline: null };
  const file = String(found.facts["file"]);
  if (record !== null && Object.keys(record.steps).length > 0) {
    return { baseline: { file, steps: record.steps } };
  }
  if (baseline === undefined) return { baseline: null };
  if (baseline !== payload.version) return remark("baseline_unknown", { baseline, version: payload.version });
  const steps = Object.fromEntries(payload.migrations.map(({ step, hash }) => [step, hash]));
  return { baseline: { file, steps } };
}

/** Whether what is there is what this package would have written first, so that the rest can follow. */
function isBeginningOf(present: ReadonlyMap<string, string>, { migrations }: Payload): boolean {
  const first = migrations.slice(0, present.size);
  return first.every(({ step, hash }) => present.get(step) === hash);
}
