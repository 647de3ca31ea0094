import { z } from "zod";
import type { Told } from "./change.ts";

const Id = z.int();
const User = z.looseObject({ id: Id, is_bot: z.boolean().optional() });
const Chat = z.looseObject({ id: Id, type: z.string() });
const Message = z.looseObject({
  message_id: Id,
  chat: Chat,
  from: User.optional(),
  /** Set for whoever writes as a channel or group. */
  sender_chat: z.looseObject({}).optional(),
  text: z.string().optional(),
  message_thread_id: Id.optional(),
  is_topic_message: z.boolean().optional(),
  is_automatic_forward: z.boolean().optional(),
  reply_to_message: z.looseObject({ message_id: Id }).optional(),
});
const Reaction = z.looseObject({
  chat: Chat,
  message_id: Id,
  user: User.optional(),
  old_reaction: z.array(z.unknown()),
  new_reaction: z.array(z.unknown()),
});
const Standing = z.looseObject({ status: z.string(), is_member: z.boolean().optional(), user: User });
const Membership = z.looseObject({ chat: Chat, old_chat_member: Standing, new_chat_member: Standing });

/** An update, as far as it concerns us: the bot's own memberships, edits and counts of reactions do not. */
export const TelegramUpdate = z.looseObject({
  update_id: Id.nonnegative(),
  message: Message.optional(),
  message_reaction: Reaction.optional(),
  chat_member: Membership.optional(),
});

/** What an update tells; `chats` are the chats that count, null for all. A private chat always counts. */
export function readTelegram(
  update: z.infer<typeof TelegramUpdate>,
  chats: ReadonlySet<string> | null,
): Told[] {
  const { message, message_reaction: reaction, chat_member: membership } = update;
  const chat = (message ?? reaction ?? membership)?.chat;
  if (chat === undefined) return [];
  // A bot is added to groups by anybody.
  if (chat.type !== "private" && chats !== null && !chats.has(String(chat.id))) return [];
  if (message !== undefined) return ofMessage(message);
  if (reaction !== undefined) return ofReaction(reaction);
  return membership === undefined ? [] : ofMembership(membership);
}

const isPerson = (user: z.infer<typeof User> | undefined): user is z.infer<typeof User> =>
  user !== undefined && user.id > 0 && user.is_bot !== true;

function ofMessage(message: z.infer<typeof Message>): Told[] {
  const { chat, from, text } = message;
  if (!isPerson(from) || message.sender_chat !== undefined) return [];
  const account = String(from.id);
  if (chat.type === "private") {
    return chat.id === from.id && text !== undefined ? [{ act: "message", account, text }] : [];
  }
  // What answers something is a comment; anything else in a group is talk.
  const thread = message.is_topic_message === true ? undefined : message.message_thread_id;
  const post = thread ?? message.reply_to_message?.message_id;
  if (post === undefined) return [];
  const item = `${chat.id}:${message.message_id}`;
  return [{ act: "comment", is_on: true, account, post: `${chat.id}:${post}`, item }];
}

function ofReaction({ chat, message_id: id, user, new_reaction: now }: z.infer<typeof Reaction>): Told[] {
  // Without a user it is a channel's or an anonymous admin's.
  if (!isPerson(user)) return [];
  const post = `${chat.id}:${id}`;
  return [{ act: "like", is_on: now.length > 0, account: String(user.id), post, item: post }];
}

function ofMembership({
  chat,
  old_chat_member: old,
  new_chat_member: now,
}: z.infer<typeof Membership>): Told[] {
  if (!isPerson(now.user) || isIn(old) === isIn(now)) return [];
  const post = `chat${chat.id}`;
  return [{ act: "join", is_on: isIn(now), account: String(now.user.id), post, item: post }];
}

function isIn({ status, is_member: isMember }: z.infer<typeof Standing>): boolean {
  return status === "restricted"
    ? isMember === true
    : ["member", "administrator", "creator"].includes(status);
}
