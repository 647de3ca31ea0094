import { z } from "zod";

const Name = z.string().trim().min(1).max(255);
const Moment = z.iso.datetime({ offset: true, error: "must be a time such as 2026-01-31T00:00:00Z" });
const Limit = z.int().min(1).max(100_000).default(1000);

/** Which quarantined leads are meant; null for any. */
const Which = {
  reason: z.enum(["flood", "address", "captcha", "honeypot"]).nullable().default(null),
  source: Name.nullable().default(null),
  email_domain: Name.nullable().default(null),
  since: Moment.nullable().default(null),
  limit: Limit,
};

/**
 * The quarantine of forms. `list` tells what lies there, `release` sends it to amoCRM, `discard` deletes it for good, and
 * `delivered` names what of a domain had reached amoCRM before.
 */
export const QuarantineRequest = z
  .strictObject({
    action: z.literal("quarantine"),
    mode: z.enum(["list", "release", "discard", "delivered"]),
    ...Which,
  })
  .refine(
    ({ mode, reason, source, email_domain: domain, since }) =>
      mode !== "discard" || [reason, source, domain, since].some((narrowing) => narrowing !== null),
    { error: "discard needs reason, source, email_domain or since" },
  )
  .refine(({ mode, email_domain: domain }) => mode !== "delivered" || domain !== null, {
    error: "delivered needs email_domain",
  });
export type QuarantineRequest = z.output<typeof QuarantineRequest>;

/** Pairs that look like one. `list` tells them, `resolve` settles one. */
export const DuplicatesRequest = z.discriminatedUnion("mode", [
  z.strictObject({ action: z.literal("duplicates"), mode: z.literal("list"), limit: Limit }),
  z.strictObject({
    action: z.literal("duplicates"),
    mode: z.literal("resolve"),
    id: z.int().positive(),
    resolution: z.enum(["same", "different"]),
  }),
]);
export type DuplicatesRequest = z.output<typeof DuplicatesRequest>;

/** Messages of amocrm_tell that are held as a loop. `list` tells them, `release` lets them go, `cancel` takes them out. */
export const TellsRequest = z.strictObject({
  action: z.literal("tells"),
  mode: z.enum(["list", "release", "cancel"]),
  /** The deal whose messages are meant; null for all. */
  deal: z.int().positive().nullable().default(null),
});
export type TellsRequest = z.output<typeof TellsRequest>;

/** Forgets a person for good. */
export const ForgetRequest = z
  .strictObject({
    action: z.literal("forget"),
    email: Name.nullable().default(null),
    phone: Name.nullable().default(null),
  })
  .refine(({ email, phone }) => email !== null || phone !== null, { error: "needs email or phone" });
export type ForgetRequest = z.output<typeof ForgetRequest>;

/** Mails. `resend` sends a student a further welcome mail, `allow` lets mail go again to an address that bounced. */
export const MailsRequest = z.discriminatedUnion("mode", [
  z.strictObject({ action: z.literal("mails"), mode: z.literal("list"), limit: Limit }),
  z.strictObject({
    action: z.literal("mails"),
    mode: z.literal("resend"),
    student: z.uuid("must be the id of a student"),
  }),
  z.strictObject({ action: z.literal("mails"), mode: z.literal("allow"), email: Name }),
  z.strictObject({
    action: z.literal("mails"),
    mode: z.literal("pause"),
    reason: z.string().trim().min(1).max(500),
  }),
  z.strictObject({ action: z.literal("mails"), mode: z.literal("resume") }),
]);
export type MailsRequest = z.output<typeof MailsRequest>;
