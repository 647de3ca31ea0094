import { z } from "zod";

/** The admin's settings for mail, a row of message_settings. */
export const MailSettings = z.object({
  link_days: z.int(),
  language: z.enum(["ru", "en"]),
  course_name: z.string(),
  /** The language of mails about incidents; null for both. */
  alert_language: z.enum(["ru", "en"]).nullable().default(null),
  /** The zone of the times that mails tell. */
  time_zone: z.string().default("Asia/Almaty"),
});
export type MailSettings = z.infer<typeof MailSettings>;

/** A claimed message of the queue of mails, as `message_drain_claim` tells it. */
export const MailMessage = z.object({
  id: z.int(),
  kind: z.string(),
  subjectId: z.string(),
  payload: z.record(z.string(), z.unknown()),
  /** A request went out whose outcome is not known. */
  isInDoubt: z.boolean(),
  attemptCount: z.int(),
  /** How long ago the first request left that is in doubt. */
  doubtMs: z.number().nullable(),
  /** Known already: Resend has told of the mail although its answer was lost. */
  resendId: z.string().nullable(),
  /** Why nothing may be sent to the address. */
  suppressedBy: z.enum(["bounced", "complained"]).nullable(),
  /** The student it is about, as the row is now; null when it was deleted since, or for another kind. */
  student: z
    .object({
      fullName: z.string().nullable(),
      email: z.string().nullable(),
      language: z.string().nullable(),
      hasLogin: z.boolean(),
      /** The account has another address than the student's row: what the mail calls the login would not work. */
      loginDiffers: z.boolean(),
      /** The account has a password already: its owner signs in, and no link is made that would open it. */
      hasPassword: z.boolean(),
      isActive: z.boolean(),
    })
    .nullable(),
  /** The incident it is about, as its row is now; null for another kind. */
  alert: z
    .object({
      code: z.string(),
      severity: z.enum(["info", "warning", "critical"]),
      detail: z.string(),
      remedy: z.string().nullable(),
      firstSeenAt: z.string(),
      resolvedAt: z.string().nullable(),
      /** How long the message has waited. */
      ageMs: z.number(),
    })
    .nullable(),
  /** What the area of the kind knows of it besides; null for nothing. */
  details: z.unknown().default(null),
});
export type MailMessage = z.infer<typeof MailMessage>;
