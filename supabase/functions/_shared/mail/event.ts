import { z } from "zod";
import type { MailEvent } from "./port.ts";

/** What each type says about the mail. Others, such as email.opened, are about something else and are not kept. */
const OUTCOMES: Readonly<Record<string, MailEvent["outcome"]>> = {
  "email.sent": "sent",
  "email.delivery_delayed": "delayed",
  "email.failed": "failed",
  "email.suppressed": "bounced",
  "email.delivered": "delivered",
  "email.bounced": "bounced",
  "email.complained": "complained",
};

const Tags = z
  .union([
    z.record(z.string(), z.string()),
    // The API takes tags as a list; the webhook has them as an object.
    z
      .array(z.object({ name: z.string(), value: z.string() }))
      .transform((list) => Object.fromEntries(list.map(({ name, value }) => [name, value]))),
  ])
  .catch({});
const Body = z.looseObject({
  type: z.string().max(100),
  created_at: z.iso.datetime({ offset: true }),
  data: z.looseObject({
    email_id: z.string().max(200).optional(),
    tags: Tags.optional(),
    bounce: z
      .looseObject({ type: z.string().optional(), subType: z.string().optional() })
      .optional()
      .catch(undefined),
    failed: z.looseObject({ reason: z.string().optional() }).optional().catch(undefined),
  }),
});

/** Reads a webhook call's body. Null: it is not of the expected shape, or about nothing that we keep. */
export function readEvent(eventId: string, json: unknown): MailEvent | "other" | null {
  const parsed = Body.safeParse(json);
  if (!parsed.success) {
    const type = z.looseObject({ type: z.string() }).safeParse(json);
    return type.success && !(type.data.type in OUTCOMES) ? "other" : null;
  }
  const { type, created_at, data } = parsed.data;
  if (!(type in OUTCOMES)) return "other";
  const messageId = Number(data.tags?.["message_id"]);
  const subjectId = z.guid().safeParse(data.tags?.["subject_id"]);
  return {
    eventId,
    type,
    outcome: OUTCOMES[type] ?? null,
    resendId: data.email_id ?? null,
    messageId: Number.isSafeInteger(messageId) && messageId > 0 ? messageId : null,
    subjectId: subjectId.success ? subjectId.data : null,
    happenedAt: created_at,
    isPermanent: type === "email.suppressed" || data.bounce?.type === "Permanent",
    reason: reasonOf(data),
  };
}

/** The kind of fault in Resend's words. Its sentences are left out: they quote the address. */
function reasonOf({ bounce, failed }: z.infer<typeof Body>["data"]): string | null {
  const words = [bounce?.type, bounce?.subType, failed?.reason].filter((word) => word !== undefined);
  const plain = words.map((word) => word.replace(/\S*@\S*/g, "…").slice(0, 100));
  return plain.length === 0 ? null : plain.join(", ");
}
