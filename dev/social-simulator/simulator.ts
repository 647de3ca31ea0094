import { createHmac } from "node:crypto";

export interface SocialSecrets {
  vk: string;
  telegram: string;
  instagram: string;
}

/** What each network calls our functions with. Every call is a new one; `again` is the same call once more. */
export interface SocialSimulator {
  vk(type: string, object: object, more?: object): Request;
  telegram(update: object, headers?: Record<string, string>): Request;
  instagram(entry: readonly object[], more?: object): Request;
  /** The question with which Meta looks whether an address is ours. */
  challenge(token: string, challenge: string, mode?: string): Request;
  /** A call of any content, with what proves it right for its network. */
  raw(network: keyof SocialSecrets, body: string | Uint8Array): Request;
  like(user: number, post: number, isOn?: boolean): Request;
  reaction(user: number, message: number, isOn?: boolean): Request;
  comment(user: string, comment: string, media?: string): Request;
}

/** Of the shapes of channels-api 4–6, with fields beside them that nobody has told of. Harsher than the real ones: no call says more than it must. */
export function createSocialSimulator(secrets: SocialSecrets, groupId = 219_000_001): SocialSimulator {
  let count = 0;
  const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    new Request("https://project.example/functions/v1/events", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: body as BodyInit,
    });
  const raw: SocialSimulator["raw"] = (network, body) => {
    if (network === "telegram") return post(body, { "x-telegram-bot-api-secret-token": secrets.telegram });
    if (network === "vk") return post(body);
    const signature = createHmac("sha256", secrets.instagram).update(body).digest("hex");
    return post(body, { "x-hub-signature-256": `sha256=${signature}` });
  };
  const simulator: SocialSimulator = {
    raw,
    vk(type, object, more = {}) {
      count += 1;
      const call = { group_id: groupId, type, event_id: hex(count), v: "5.199", object, secret: secrets.vk };
      return raw("vk", JSON.stringify({ ...call, ...more }));
    },
    telegram(update, headers = {}) {
      count += 1;
      const request = raw("telegram", JSON.stringify({ update_id: 800_000_000 + count, ...update }));
      return new Request(request, { headers: { ...Object.fromEntries(request.headers), ...headers } });
    },
    instagram(entry, more = {}) {
      count += 1;
      // Meta escapes what is not ASCII, so that only the bytes as they came verify.
      const body = JSON.stringify({ object: "instagram", entry, ...more }).replace(
        /[\u0080-\uffff]/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      return raw("instagram", body);
    },
    challenge(token, challenge, mode = "subscribe") {
      const query = new URLSearchParams({
        "hub.mode": mode,
        "hub.challenge": challenge,
        "hub.verify_token": token,
      });
      return new Request(`https://project.example/functions/v1/instagram-events?${query}`);
    },
    like: (user, id, isOn = true) =>
      simulator.vk(isOn ? "like_add" : "like_remove", {
        liker_id: user,
        object_type: "post",
        object_owner_id: -groupId,
        object_id: id,
        thread_reply_id: 0,
        post_id: 0,
      }),
    reaction: (user, message, isOn = true) =>
      simulator.telegram({
        message_reaction: {
          chat: { id: -1_001_000_000_001, type: "channel", title: "Канал" },
          message_id: message,
          user: { id: user, is_bot: false, first_name: "Анна" },
          date: 1_920_000_000 + count,
          old_reaction: isOn ? [] : [{ type: "emoji", emoji: "👍" }],
          new_reaction: isOn ? [{ type: "emoji", emoji: "👍" }] : [],
        },
      }),
    comment: (user, comment, media = "17900000000000001") =>
      simulator.instagram([
        {
          id: "17841400000000001",
          time: 1_920_000_000 + count,
          changes: [{ field: "comments", value: instagramComment(user, comment, media) }],
        },
      ]),
  };
  return simulator;
}

/** The value of a comment as Meta tells it. */
export const instagramComment = (user: string, comment: string, media: string) => ({
  id: comment,
  from: { id: user, username: "анна" },
  text: "Здорово 🎟",
  media: { id: media, media_product_type: "FEED" },
});

const hex = (count: number): string => count.toString(16).padStart(40, "0");
