import { z } from "zod";
import { cut } from "../../platform/cut.ts";
import type { MailEvent } from "../port.ts";

/** A kind of fault is a word or two; what is longer is cut, since it ends in a row that people read. */
const MAX_WORD = 100;
/** What is looked through for addresses, which are shorter: a text without a blank costs the square of its length. */
const MAX_TEXT = 1_000;

/** What each type says about the mail, null for nothing of how it arrived. Others, such as email.clicked, are not kept. */
const OUTCOMES: Readonly<Record<string, MailEvent["outcome"]>> = {
  "email.sent": "sent",
  "email.delivery_delayed": "delayed",
  "email.failed": "failed",
  "email.suppressed": "bounced",
  "email.delivered": "delivered",
  "email.bounced": "bounced",
  "email.complained": "complained",
  "email.opened": null,
};

const Tag = z.object({ name: z.string(), value: z.unknown() });
// The API takes tags as a list; the webhook has them as an object. One that cannot be read does not hide the others.
const Tags = z.union([
  z.array(z.unknown()).transform((list) => {
    const tags = list.flatMap((one) => Tag.safeParse(one).data ?? []);
    return Object.fromEntries(tags.map(({ name, value }) => [name, value]));
  }),
  z.record(z.string(), z.unknown()),
]);
const Word = z.string().optional().catch(undefined);

const FIRST_MS = Date.UTC(2000, 0);
const LAST_MS = Date.UTC(2100, 0);

/** A moment that the database can hold, which knows no year 0; null else, since what the event says counts all the same. */
const Moment = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .pipe(z.number().min(FIRST_MS).max(LAST_MS))
  .transform((ms): string | null => new Date(ms).toISOString())
  .catch(null);

const Body = z.looseObject({
  type: z.string().max(100),
  created_at: Moment,
  data: z.looseObject({
    email_id: z.string().max(200).optional().catch(undefined),
    tags: Tags.optional().catch(undefined),
    bounce: z.looseObject({ type: Word, subType: Word }).optional().catch(undefined),
    failed: z.looseObject({ reason: Word }).optional().catch(undefined),
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
  const plain = words.map((word) => cut(withoutAddresses(cut(word, MAX_TEXT)), MAX_WORD));
  return plain.length === 0 ? null : plain.join(", ");
}

function withoutAddresses(text: string): string {
  return text.replace(/\S*@\S*/g, "…");
}
