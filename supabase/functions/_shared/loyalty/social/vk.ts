import { z } from "zod";
import type { Told } from "./change.ts";

const Id = z.int();

/** What every call of VK has; the secret is looked at before anything else of it. What is odd in the right hands is kept as such. */
export const VkCall = z.looseObject({
  type: z.string().optional().catch(undefined),
  group_id: Id.optional().catch(undefined),
  event_id: z.string().optional().catch(undefined),
  secret: z.string().optional(),
  object: z.unknown().optional(),
});

const Like = z.looseObject({
  liker_id: Id,
  object_type: z.string().regex(/^[a-z_]{1,40}$/),
  object_owner_id: Id,
  object_id: Id,
  post_id: Id.nullish(),
});
const Comment = z.looseObject({
  id: Id,
  from_id: Id.optional(),
  owner_id: Id.optional(),
  post_id: Id.optional(),
  photo_id: Id.optional(),
  photo_owner_id: Id.optional(),
  video_id: Id.optional(),
  video_owner_id: Id.optional(),
});
const Post = z.looseObject({ id: Id, owner_id: Id, from_id: Id });
const Repost = Post.extend({ copy_history: z.array(z.looseObject({ id: Id, owner_id: Id })).min(1) });
const Join = z.looseObject({ user_id: Id, join_type: z.string().optional() });
const Leave = z.looseObject({ user_id: Id });
const Message = z.looseObject({ from_id: Id, peer_id: Id.optional(), text: z.string() });

/** An event's type, as what is told by it; types that are not here are of no concern. */
const READERS: Readonly<Record<string, (object: unknown, groupId: number) => Told[]>> = {
  like_add: (object) => like(object, true),
  like_remove: (object) => like(object, false),
  wall_repost: repost,
  group_join: (object, groupId) => {
    const { user_id: user, join_type: type = "join" } = Join.parse(object);
    // A request is no membership yet, and "unsure" none at all.
    const isIn = ["join", "accepted", "approved"].includes(type);
    return isIn ? membership(user, groupId, true) : [];
  },
  group_leave: (object, groupId) => membership(Leave.parse(object).user_id, groupId, false),
  message_new: message,
  ...comments("wall_reply", "wall"),
  ...comments("photo_comment", "photo"),
  ...comments("video_comment", "video"),
};

/** What a call of VK tells; null if it is in no shape that we know. */
export function readVk(call: z.infer<typeof VkCall>): Told[] | null {
  if (call.type === undefined) return null;
  const reader = Object.hasOwn(READERS, call.type) ? READERS[call.type] : undefined;
  if (reader === undefined) return [];
  try {
    return reader(call.object, call.group_id ?? 0);
  } catch {
    return null;
  }
}

/** Negative ids are communities, who are nobody. */
const isPerson = (id: number | undefined): id is number => id !== undefined && id > 0;

function like(object: unknown, isOn: boolean): Told[] {
  const told = Like.parse(object);
  if (!isPerson(told.liker_id)) return [];
  const item = `${told.object_type}${told.object_owner_id}_${told.object_id}`;
  // A liked comment counts to its post, so that a post with many comments is no mine of points.
  const post = told.post_id ? `wall${told.object_owner_id}_${told.post_id}` : item.replace(/^post/, "wall");
  return [{ act: "like", is_on: isOn, account: String(told.liker_id), post, item }];
}

function comments(event: string, kind: "wall" | "photo" | "video") {
  const read = (isOn: boolean) => (object: unknown) => {
    const told = Comment.parse(object);
    const owner = (kind === "photo" ? told.photo_owner_id : told.video_owner_id) ?? told.owner_id ?? 0;
    const post = (kind === "wall" ? told.post_id : kind === "photo" ? told.photo_id : told.video_id) ?? 0;
    if (told.from_id !== undefined && !isPerson(told.from_id)) return [];
    if (isOn && told.from_id === undefined) throw new Error("A comment of nobody");
    return [
      {
        act: "comment" as const,
        is_on: isOn,
        account: told.from_id === undefined ? null : String(told.from_id),
        post: `${kind}${owner}_${post}`,
        item: `${kind}${owner}_${told.id}`,
      },
    ];
  };
  return {
    [`${event}_new`]: read(true),
    [`${event}_edit`]: read(true),
    [`${event}_restore`]: read(true),
    // It says who deleted and not whose it was.
    [`${event}_delete`]: read(false),
  };
}

function repost(object: unknown): Told[] {
  const told = Repost.parse(object);
  const [original] = told.copy_history;
  if (!isPerson(told.from_id) || original === undefined) return [];
  const post = `wall${original.owner_id}_${original.id}`;
  const item = `wall${told.owner_id}_${told.id}`;
  return [{ act: "repost", is_on: true, account: String(told.from_id), post, item }];
}

function membership(user: number, groupId: number, isOn: boolean): Told[] {
  const group = `club${groupId}`;
  return isPerson(user)
    ? [{ act: "join", is_on: isOn, account: String(user), post: group, item: group }]
    : [];
}

function message(object: unknown): Told[] {
  // Since version 5.103 the message stands one level deeper.
  const wrapped = z.looseObject({ message: Message }).safeParse(object);
  const {
    from_id: from,
    peer_id: peer = from,
    text,
  } = wrapped.success ? wrapped.data.message : Message.parse(object);
  // Only what is written to the community itself, in no chat of several.
  return isPerson(from) && peer === from ? [{ act: "message", account: String(from), text }] : [];
}
