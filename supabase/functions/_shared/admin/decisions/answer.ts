import { z } from "zod";

/** A row of `amocrm_quarantine`. */
const QuarantineRow = z.object({
  reason: z.string(),
  source: z.string().nullable(),
  email_domain: z.string().nullable(),
  lead_count: z.int(),
  network_count: z.int(),
  first_at: z.string(),
  last_at: z.string(),
});

/** A lead that had reached amoCRM, with what stands there for it. */
const DeliveredLead = z.object({
  id: z.string(),
  created_at: z.string(),
  source: z.string().nullable(),
  amocrm_contact_id: z.int().nullable(),
  amocrm_deal_id: z.int().nullable(),
});

/** What lies in quarantine, how many were taken out of it, or what had reached amoCRM. */
export const QuarantineAnswer = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("list"), lead_count: z.int(), groups: z.array(QuarantineRow) }),
  z.object({ mode: z.literal("release"), lead_count: z.int() }),
  z.object({ mode: z.literal("discard"), lead_count: z.int() }),
  z.object({ mode: z.literal("delivered"), leads: z.array(DeliveredLead) }),
]);
export type QuarantineAnswer = z.infer<typeof QuarantineAnswer>;
export const QuarantineRows = z.array(QuarantineRow);
export const DeliveredLeads = z.array(DeliveredLead);

/** Rows of `amocrm_held_tells`. */
export const HeldTells = z.array(
  z.object({
    message_id: z.int(),
    person_id: z.int().nullable(),
    amocrm_deal_id: z.int().nullable(),
    kind: z.string(),
    held_since: z.string(),
    behind_count: z.int(),
  }),
);

/** What of amocrm_tell is held, or how many messages were let go or cancelled. */
export const TellsAnswer = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("list"), held: HeldTells }),
  z.object({ mode: z.literal("release"), message_count: z.int() }),
  z.object({ mode: z.literal("cancel"), message_count: z.int() }),
]);
export type TellsAnswer = z.infer<typeof TellsAnswer>;

/** Rows of `amocrm_duplicates`. */
export const DuplicateRows = z.array(
  z.object({
    id: z.int(),
    type: z.enum(["people", "contact", "deal"]),
    kept_id: z.int(),
    other_id: z.int(),
    reason: z.string(),
    found_at: z.string(),
  }),
);

/** The pairs, or what became of one. */
export const DuplicatesAnswer = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("list"), duplicates: DuplicateRows }),
  z.object({ mode: z.literal("resolve"), ok: z.boolean(), outcome: z.string() }),
]);
export type DuplicatesAnswer = z.infer<typeof DuplicatesAnswer>;

/** What was removed, by what it is, and what a person has to clean in amoCRM. */
export const ForgetAnswer = z
  .object({
    maybe_in_amocrm: z.boolean(),
    clean_in_amocrm: z.object({ contact_ids: z.array(z.int()), deal_ids: z.array(z.int()) }),
  })
  .catchall(z.union([z.int(), z.boolean()]));
export type ForgetAnswer = z.infer<typeof ForgetAnswer>;

/** A mail that has not gone out; whom it is for is not told. */
export const Mails = z.array(
  z.object({
    id: z.int(),
    kind: z.string(),
    state: z.string(),
    subject_table: z.string(),
    subject_id: z.string(),
    attempt_count: z.int(),
    next_attempt_at: z.string().nullable(),
    last_error_code: z.string().nullable(),
    last_error_message: z.string().nullable(),
    created_at: z.string(),
  }),
);

/** The mails that are dead or wait, or what was done. */
export const MailsAnswer = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("list"), mails: Mails }),
  z.object({
    mode: z.literal("resend"),
    ok: z.boolean(),
    id: z.int().nullable(),
    reason: z.string().nullable(),
  }),
  z.object({ mode: z.literal("allow"), was_suppressed: z.boolean() }),
  z.object({ mode: z.literal("pause") }),
  z.object({ mode: z.literal("resume") }),
]);
export type MailsAnswer = z.infer<typeof MailsAnswer>;
