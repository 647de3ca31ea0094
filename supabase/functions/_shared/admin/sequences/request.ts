import { z } from "zod";

const Action = z.literal("sequences");
const Sequence = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,59}$/, "must be the name of a sequence");
const Address = z.string().trim().min(1).max(255).nullable().default(null);
const Day = z.iso.date("must be a day such as 2026-05-05");

/**
 * Sequences of mails and SMS. `list` and `show` tell them and their steps, `plan` who gets what when, for a person or a day,
 * `results` what came of each step. `enroll` lets a lead in by hand, `withdraw` is what a person said on the phone.
 */
export const SequencesRequest = z.discriminatedUnion("mode", [
  z.strictObject({ action: Action, mode: z.literal("list") }),
  z.strictObject({ action: Action, mode: z.literal("show"), sequence: Sequence }),
  z.strictObject({
    action: Action,
    mode: z.literal("plan"),
    email: Address,
    phone: Address,
    /** In the school's zone; null for any day of a person, and for today without a person. */
    day: Day.nullable().default(null),
    limit: z.int().min(1).max(10_000).default(200),
  }),
  z.strictObject({ action: Action, mode: z.literal("pause"), sequence: Sequence }),
  z.strictObject({
    action: Action,
    mode: z.literal("resume"),
    sequence: Sequence,
    /** What becomes of those inside: they finish their version, move to the newest, or leave. */
    inside: z.enum(["finish", "move", "leave"]).default("finish"),
  }),
  z.strictObject({
    action: Action,
    mode: z.literal("enroll"),
    sequence: Sequence,
    lead: z.guid("must be the id of a lead"),
  }),
  z.strictObject({
    action: Action,
    mode: z.literal("withdraw"),
    email: Address,
    phone: Address,
    channel: z.enum(["mail", "sms"]).nullable().default(null),
    topic: z.string().trim().min(1).max(60).nullable().default(null),
  }),
  z.strictObject({
    action: Action,
    mode: z.literal("results"),
    sequence: Sequence.nullable().default(null),
    limit: z.int().min(1).max(10_000).default(200),
  }),
  z.strictObject({
    action: Action,
    mode: z.literal("release"),
    limit: z.int().min(1).max(100_000).default(1000),
  }),
]);
export type SequencesRequest = z.output<typeof SequencesRequest>;
