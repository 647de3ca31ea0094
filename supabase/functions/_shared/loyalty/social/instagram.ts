import { z } from "zod";
import type { Told } from "./change.ts";

/** Ids are texts of digits; numbers that a double cannot hold have become texts before. */
const Id = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^[\w.-]{1,64}$/));
const Change = z.looseObject({ field: z.string(), value: z.unknown().optional() });
const Comment = z.looseObject({
  id: Id,
  from: z.looseObject({ id: Id }),
  media: z.looseObject({ id: Id }).optional(),
});
const Messaging = z.looseObject({
  sender: z.looseObject({ id: Id }),
  message: z.looseObject({ text: z.string().optional(), is_echo: z.boolean().optional() }).optional(),
});
/** Facebook Login sends `changes`; Business Login field and value in the entry itself. */
const Entry = z.looseObject({
  id: Id,
  changes: z.array(z.unknown()).optional(),
  field: z.string().optional(),
  value: z.unknown().optional(),
  messaging: z.array(z.unknown()).optional(),
});
export const InstagramCall = z.looseObject({ object: z.literal("instagram"), entry: z.array(z.unknown()) });

/** What a call tells, up to a thousand changes; `accounts` are those that count, null for all. Null if nothing of it can be read. */
export function readInstagram(
  call: z.infer<typeof InstagramCall>,
  accounts: ReadonlySet<string> | null,
): Told[] | null {
  const told: Told[] = [];
  let readable = call.entry.length === 0 ? 1 : 0;
  for (const one of call.entry) {
    const entry = Entry.safeParse(one);
    if (!entry.success) continue;
    readable += 1;
    const { id, changes = [], field, value, messaging = [] } = entry.data;
    if (accounts !== null && !accounts.has(id)) continue;
    const all = field === undefined ? changes : [...changes, { field, value }];
    for (const change of all) told.push(...ofChange(change, id));
    for (const message of messaging) told.push(...ofMessaging(message, id));
  }
  return readable === 0 ? null : told;
}

function ofChange(change: unknown, own: string): Told[] {
  const parsed = Change.safeParse(change);
  if (!parsed.success || !["comments", "live_comments"].includes(parsed.data.field)) return [];
  const comment = Comment.safeParse(parsed.data.value);
  // Our own answers under our posts are told as well.
  if (!comment.success || comment.data.from.id === own) return [];
  const { id, from, media } = comment.data;
  return [{ act: "comment", is_on: true, account: from.id, post: media?.id ?? own, item: id }];
}

function ofMessaging(messaging: unknown, own: string): Told[] {
  const parsed = Messaging.safeParse(messaging);
  if (!parsed.success) return [];
  const { sender, message } = parsed.data;
  if (message?.text === undefined || message.is_echo === true || sender.id === own) return [];
  return [{ act: "message", account: sender.id, text: message.text }];
}
