import { type Chance, createChance } from "./chance.ts";
import { LATER_CRASH_POINTS } from "./crash-points.ts";
import type { Plan, Trap } from "./plan.ts";

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
const MOST_STUDENTS = 5;
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
  return Array.from({ length: chance.between(1, MOST_STUDENTS) }, (_, index) => {
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
