import { type Chance, createChance } from "../world/chance.ts";
import { LATER_CRASH_POINTS } from "../world/crash-points.ts";
import type { Plan, Trap } from "../world/plan.ts";
import type { QueueAccess } from "../world/queue-database.ts";
import type { RunRecord } from "../world/run-record.ts";

/** What the school does in the middle of a run: a manager gives somebody access, and a student completes a lesson. */
export type SchoolHappening =
  | { kind: "student"; atMs: number; student: StudentDraft; losesMessage: boolean }
  | { kind: "lesson"; atMs: number; userId: string; lessonId: number; losesMessage: boolean };

export interface StudentDraft {
  id: string;
  userId: string;
  full_name: string;
  email: string;
  phone: string | null;
}

/** Those that amocrm_stages names; completing all of them brings a certificate. */
export const LESSONS = [67, 68, 69] as const;

const SCHOOL_ODDS = 0.35;
const MAX_STUDENTS = 5;
/** In which a lesson may be completed before the one that comes first, which is then no step back for the deal. */
const SHUFFLED_ODDS = 0.2;
const LOST_MESSAGE_ODDS = 0.05;

/** Adds a school to some runs; its students are people who leave leads, too. */
export function withSchool(plan: Plan): Plan {
  // A chance of its own, so that the rest of a seed's history stays what it was.
  const chance = createChance(plan.seed, "course");
  if (!chance.happens(SCHOOL_ODDS)) return plan;
  return {
    ...plan,
    happenings: [...plan.happenings, ...planSchool(plan, chance)],
    traps: plan.weather === "calm" ? plan.traps : [...plan.traps, planTrap(plan.seed, chance)],
  };
}

/** Students, each with the lessons that he completes. */
export function planSchool(plan: Plan, chance: Chance): SchoolHappening[] {
  return Array.from({ length: chance.between(1, MAX_STUDENTS) }, (_, index) => {
    const student: StudentDraft = {
      id: chance.uuid(),
      userId: chance.uuid(),
      full_name: `Student ${index}`,
      // As the people of planPlainly are called, so that most of them leave leads as well.
      email: `person${index}@example.com`,
      phone: chance.happens(0.5) ? `+7900000${String(1000 + index)}` : null,
    };
    const grantedAtMs = chance.below(plan.calmFromMs);
    const hours = LESSONS.filter(() => chance.happens(0.7))
      .map(() => chance.between(grantedAtMs + 1, plan.calmFromMs + 1))
      .sort((a, b) => a - b);
    const order = chance.happens(SHUFFLED_ODDS) ? [...LESSONS].reverse() : LESSONS;
    return [
      { kind: "student", atMs: grantedAtMs, student, losesMessage: chance.happens(LOST_MESSAGE_ODDS) },
      ...hours.map(
        (atMs, lesson): SchoolHappening => ({
          kind: "lesson",
          atMs,
          userId: student.userId,
          lessonId: order[lesson] ?? LESSONS[0],
          losesMessage: chance.happens(LOST_MESSAGE_ODDS),
        }),
      ),
    ] satisfies SchoolHappening[];
  }).flat();
}

function planTrap(seed: number, chance: Chance): Trap {
  const point = LATER_CRASH_POINTS[seed % LATER_CRASH_POINTS.length] as string;
  return { point, pass: chance.between(1, 3) };
}

/** What managers and students of the school do to the database; mail is told elsewhere. */
export class School {
  readonly #access: QueueAccess;
  readonly #record: RunRecord;

  constructor(access: QueueAccess, record: RunRecord) {
    this.#access = access;
    this.#record = record;
  }

  async act(happening: SchoolHappening): Promise<void> {
    if (happening.kind === "student") await this.#enroll(happening.student);
    else await this.#complete(happening.userId, happening.lessonId);
    // As if the trigger had failed: the sweep must find it.
    if (happening.losesMessage)
      await this.#access.query(
        `delete from amocrm.outbox using public.tripwire_users as student
         where student.user_id = $1 and outbox.subject_id = student.id
           and ($2::int is null or outbox.payload = jsonb_build_object('lessonId', $2::int))`,
        happening.kind === "student"
          ? [happening.student.userId, null]
          : [happening.userId, happening.lessonId],
      );
  }

  async #enroll({ id, userId, full_name, email, phone }: StudentDraft): Promise<void> {
    this.#record.trace(`student ${id.slice(0, 8)} ${email} ${phone ?? "-"}`);
    await this.#access.query(
      `with account as (insert into auth.users (id, email) values ($2, $4))
       insert into public.tripwire_users (id, user_id, full_name, email, phone, welcome_email_sent_at)
       values ($1, $2, $3, $4, $5, amocrm.clock())`,
      [id, userId, full_name, email, phone],
    );
    this.#record.counts.students += 1;
  }

  async #complete(userId: string, lessonId: number): Promise<void> {
    this.#record.trace(`lesson ${lessonId} of ${userId.slice(0, 8)}`);
    await this.#access.query(
      "insert into public.tripwire_lesson_progress (user_id, lesson_id, completed_at) values ($1, $2, amocrm.clock())",
      [userId, lessonId],
    );
    this.#record.counts.lessons += 1;
  }
}
