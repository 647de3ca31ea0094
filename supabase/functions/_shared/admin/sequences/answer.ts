import { z } from "zod";

/** Rows of `followup_overview`. */
export const Sequences = z.array(
  z.object({
    sequence: z.string(),
    version: z.int(),
    events: z.array(z.string()),
    step_count: z.int(),
    is_on: z.boolean(),
    switched_on_at: z.string().nullable(),
    paused_at: z.string().nullable(),
    people_inside: z.int(),
    people_in_older: z.int(),
    waiting_count: z.int(),
    held_count: z.int(),
    next_at: z.string().nullable(),
  }),
);

/** Rows of `followup_steps`. */
export const Steps = z.array(
  z.object({
    step: z.string(),
    version: z.int(),
    event: z.string(),
    filter: z.unknown(),
    source: z.string(),
    channel: z.string(),
    template_code: z.string(),
    delay_minutes: z.int(),
    stop_on: z.array(z.string()),
    topic: z.string().nullable(),
    is_on: z.boolean(),
  }),
);

/** Rows of `followup_plan`. */
export const PlannedSteps = z.array(
  z.object({
    sequence: z.string(),
    version: z.int(),
    step: z.string(),
    channel: z.string(),
    lead_id: z.string().nullable(),
    student_id: z.string().nullable(),
    state: z.string(),
    reason: z.string().nullable(),
    due_at: z.string(),
    expected_at: z.string().nullable(),
    departed_at: z.string().nullable(),
    message_id: z.int().nullable(),
    time_zone: z.string(),
  }),
);

/** Rows of `followup_results`. */
export const StepResults = z.array(
  z.object({
    day: z.string(),
    sequence: z.string(),
    version: z.int(),
    step: z.string(),
    channel: z.string(),
    entered: z.int(),
    sent: z.int(),
    delivered: z.int(),
    waiting: z.int(),
    skipped: z.int(),
    failed: z.int(),
    human_clicks: z.int(),
    withdrew: z.int(),
    ended_by_goal: z.int(),
  }),
);

/** What the database refused says so in `reason`; then nothing was done. */
const Refusable = { ok: z.boolean(), reason: z.string().nullable() };

/** The sequences, one's steps, who gets what when, what came of it, or what was done. */
export const SequencesAnswer = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("list"), sequences: Sequences }),
  z.object({
    mode: z.literal("show"),
    /** Null if there is no such sequence. */
    sequence: Sequences.element.nullable(),
    /** Of all versions, the newest first. */
    steps: Steps,
  }),
  z.object({ mode: z.literal("plan"), ...Refusable, day: z.string().nullable(), steps: PlannedSteps }),
  z.object({ mode: z.literal("pause"), ...Refusable, was_running: z.boolean() }),
  z.object({ mode: z.literal("resume"), ...Refusable, entry_count: z.int() }),
  /** The entry is null if the lead's addresses are in the sequence already. */
  z.object({ mode: z.literal("enroll"), ...Refusable, entry_id: z.int().nullable() }),
  z.object({ mode: z.literal("withdraw"), ...Refusable, consent_count: z.int() }),
  z.object({ mode: z.literal("results"), results: StepResults }),
  z.object({ mode: z.literal("release"), step_count: z.int() }),
]);
export type SequencesAnswer = z.infer<typeof SequencesAnswer>;
