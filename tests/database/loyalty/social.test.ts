import { beforeEach, describe, expect, test } from "vitest";
import { createSocialSimulator, instagramComment } from "#dev/social-simulator/simulator.ts";
import { createInbox } from "#shared/inbox/store.ts";
import { answerInstagramEvents } from "#shared/loyalty/instagram-events.ts";
import { answerTelegramEvents } from "#shared/loyalty/telegram-events.ts";
import { answerVkEvents } from "#shared/loyalty/vk-events.ts";
import { HOUR_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { dayPlus, openLoyalty } from "../support/loyalty.ts";
import { openDataApi, STUDENT, STUDENT_ID } from "../support/roles.ts";
import { openRpc } from "../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const { member, balance, spend, order } = openLoyalty(sql);
const runAs = openDataApi(database);
const service = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(service);
const SECRETS = { vk: "vk-secret", telegram: "telegram_secret", instagram: "meta-app-secret" };
const simulator = createSocialSimulator(SECRETS);
const ANN = 101;
const GROUP = -1_001_000_000_001;
type Network = keyof typeof SECRETS;

let environment: Record<string, string> = {};
let nowMs = NOON.getTime();
const at = async (date: Date) => {
  nowMs = date.getTime();
  await setTestClock(date, sql, service);
};
beforeEach(async () => {
  environment = {
    VK_SECRET: SECRETS.vk,
    VK_CONFIRMATION: "3f1c2a9b",
    TELEGRAM_SECRET: SECRETS.telegram,
    INSTAGRAM_APP_SECRET: SECRETS.instagram,
    INSTAGRAM_VERIFY_TOKEN: "verify-token",
  };
  await sql`update amocrm.loyalty_networks set takes_all = false, worked_at = null where true`;
  await at(NOON);
});

const DOORS = { vk: answerVkEvents, telegram: answerTelegramEvents, instagram: answerInstagramEvents };
const tell = (network: Network, request: Request) =>
  DOORS[network](request, { environment, inbox: createInbox(rpc, network), log: () => {} });
/** Tells and demands the answer that the network wants. */
const told = async (network: Network, request: Request) => {
  const answer = await tell(network, request);
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
};
const work = async () => Number((await sql`select amocrm.work_social() as count`)[0]?.["count"]);
const waiting = async () =>
  Number((await sql`select count(*) from amocrm.inbox where state = 'waiting'`)[0]?.["count"]);
const kept = async () => Number((await sql`select count(*) from amocrm.inbox`)[0]?.["count"]);
const link = (who: string, network: Network, account: number | string) =>
  sql`insert into loyalty_identities (member_id, provider, external_id) values (${who}, ${network}, ${String(account)})`;
const rule = (network: Network, action: string, points: number, perDay = 10, perPost = 1) =>
  sql`insert into loyalty_award_rules (provider, action, points, per_day, per_post) values (${network}, ${action}, ${points}, ${perDay}, ${perPost})
    on conflict (provider, action) do update set points = excluded.points, per_day = excluded.per_day, per_post = excluded.per_post`;
const bookings = async () =>
  (await sql`select kind, amount from loyalty_points order by id`).map(
    (row) => `${row["kind"]} ${row["amount"]}`,
  );

/** A member whose accounts are known everywhere, with rules for everything. */
async function ann(): Promise<string> {
  const who = await member();
  for (const network of ["vk", "telegram", "instagram"] as const) {
    await link(who, network, ANN);
    for (const action of ["like", "comment", "repost", "join"]) await rule(network, action, 5);
  }
  return who;
}

describe("a like", () => {
  test("taken back and given again counts once, in any network that tells of it", async () => {
    const who = await ann();
    for (const isOn of [true, false, true]) {
      await told("vk", simulator.like(ANN, 7, isOn));
      await told("telegram", simulator.reaction(ANN, 7, isOn));
    }
    expect(await work()).toBe(6);
    expect(await balance(who)).toBe(10);
    expect(await bookings()).toEqual(["telegram", "vk"].flatMap(() => ["earn 5", "reverse -5", "reverse 5"]));
    // Another emoji instead of the first one is the same like.
    await told("telegram", simulator.reaction(ANN, 7, true));
    await work();
    expect(await balance(who)).toBe(10);
  });

  test("repeated by the network, before and after it is worked off, is one", async () => {
    const who = await ann();
    const request = simulator.like(ANN, 7);
    await told("vk", request.clone());
    await told("vk", request.clone());
    expect(await work()).toBe(1);
    await told("vk", request);
    expect(await work()).toBe(0);
    expect(await balance(who)).toBe(5);
  });

  test("taken back takes spent points into the negative, and given again makes up for it", async () => {
    const who = await ann();
    await told("vk", simulator.like(ANN, 7));
    await work();
    await spend(who, 4);
    await told("vk", simulator.like(ANN, 7, false));
    await work();
    expect(await balance(who)).toBe(-4);
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(1);
    // Neither may a second round lose anything or win it.
    await told("vk", simulator.like(ANN, 7, false));
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(1);
  });

  test("is capped by day and by post; the renewed one takes no further place, and a capped one takes nothing back", async () => {
    const who = await ann();
    await rule("vk", "like", 5, 2);
    for (const post of [1, 2, 3]) await told("vk", simulator.like(ANN, post));
    await work();
    expect(await balance(who)).toBe(10);
    for (const [post, isOn] of [
      [3, false],
      [1, false],
      [1, true],
      [4, true],
    ] as const) {
      await told("vk", simulator.like(ANN, post, isOn));
    }
    await work();
    expect(await balance(who)).toBe(10);
    // The cap is the local day's, by the time of arrival: in Almaty it is Tuesday from 19:00.
    await at(noonPlus(7 * HOUR_MS));
    await told("vk", simulator.like(ANN, 3));
    await told("vk", simulator.like(ANN, 5));
    await work();
    expect(await balance(who)).toBe(20);
  });

  test("of a comment counts to its post", async () => {
    const who = await ann();
    await told("vk", simulator.like(ANN, 7));
    const comment = {
      liker_id: ANN,
      object_type: "comment",
      object_owner_id: -219_000_001,
      object_id: 70,
      post_id: 7,
    };
    await told("vk", simulator.vk("like_add", comment));
    await work();
    expect(await balance(who)).toBe(5);
  });

  test("that expired is neither taken back nor given again", async () => {
    const who = await ann();
    await told("vk", simulator.like(ANN, 7));
    await work();
    await at(dayPlus(400));
    await told("vk", simulator.like(ANN, 7, false));
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(0);
    expect(await bookings()).toEqual(["earn 5"]);
  });

  test("by a rule that changed earns what the rule says now; without a rule nothing", async () => {
    const who = await member();
    await link(who, "vk", ANN);
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(0);
    await sql`insert into loyalty_award_rules (provider, action, points) values ('vk', 'like', 3)`;
    await told("vk", simulator.like(ANN, 8));
    await told("vk", simulator.like(ANN, 7, false));
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(6);
  });

  test("by a member who fills a debt of an order", async () => {
    const who = await ann();
    const bought = await order(who, { amount: 100, day: -20 });
    await spend(who, 5);
    await sql`update loyalty_orders set refunded_amount = 100 where external_id = ${bought}`;
    expect(await balance(who)).toBe(-5);
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(0);
  });
});

describe("what else a network tells", () => {
  test("VK: comments, reposts, joining and leaving", async () => {
    const who = await ann();
    const comment = { id: 70, from_id: ANN, date: 1, text: "Иду!", post_id: 7, owner_id: -219_000_001 };
    await told("vk", simulator.vk("wall_reply_new", comment));
    await told("vk", simulator.vk("wall_reply_edit", { ...comment, text: "Идём!" }));
    await told(
      "vk",
      simulator.vk("wall_repost", {
        id: 3,
        owner_id: ANN,
        from_id: ANN,
        post_type: "post",
        copy_history: [{ id: 7, owner_id: -219_000_001 }],
      }),
    );
    await told("vk", simulator.vk("group_join", { user_id: ANN, join_type: "request" }));
    await work();
    expect(await balance(who)).toBe(10);
    await told("vk", simulator.vk("group_join", { user_id: ANN, join_type: "approved" }));
    // It says who deleted, not whose comment it was.
    await told(
      "vk",
      simulator.vk("wall_reply_delete", { owner_id: -219_000_001, id: 70, deleter_id: 999, post_id: 7 }),
    );
    await work();
    expect(await balance(who)).toBe(10);
    await told("vk", simulator.vk("wall_reply_restore", comment));
    await told("vk", simulator.vk("group_leave", { user_id: ANN, self: 1 }));
    await work();
    expect(await balance(who)).toBe(10);
  });

  test("Telegram: comments under a post and memberships, of people and not of channels or bots", async () => {
    const who = await ann();
    const chat = { id: GROUP, type: "supergroup", title: "Обсуждение" };
    const from = { id: ANN, is_bot: false, first_name: "Анна" };
    const comment = {
      message_id: 50,
      chat,
      from,
      date: 1,
      text: "Иду!",
      message_thread_id: 40,
      reply_to_message: { message_id: 40, chat, is_automatic_forward: true },
    };
    await told("telegram", simulator.telegram({ message: comment }));
    await told(
      "telegram",
      simulator.telegram({
        message: { ...comment, message_id: 51, reply_to_message: undefined, message_thread_id: undefined },
      }),
    );
    await told(
      "telegram",
      simulator.telegram({
        message: {
          ...comment,
          message_id: 52,
          message_thread_id: 41,
          sender_chat: { id: GROUP, type: "channel" },
        },
      }),
    );
    await told(
      "telegram",
      simulator.telegram({
        message: {
          ...comment,
          message_id: 53,
          message_thread_id: 42,
          is_topic_message: true,
          reply_to_message: undefined,
        },
      }),
    );
    await work();
    expect(await balance(who)).toBe(5);
    const change = (old: object, now: object, user: object = from) =>
      simulator.telegram({
        chat_member: {
          chat,
          from,
          date: 1,
          old_chat_member: { user, ...old },
          new_chat_member: { user, ...now },
        },
      });
    await told("telegram", change({ status: "left" }, { status: "member" }));
    await told("telegram", change({ status: "member" }, { status: "administrator" }));
    await told("telegram", change({ status: "left" }, { status: "member" }, { id: ANN, is_bot: true }));
    await work();
    expect(await balance(who)).toBe(10);
    await told(
      "telegram",
      change({ status: "restricted", is_member: true }, { status: "restricted", is_member: false }),
    );
    await work();
    expect(await balance(who)).toBe(5);
    await told("telegram", simulator.telegram({ my_chat_member: { chat } }));
    await told("telegram", simulator.telegram({ message_reaction_count: { chat } }));
    expect(await waiting()).toBe(0);
  });

  test("Instagram: both shapes, a thousand changes in one call, a comment once whatever its bytes, and not our own", async () => {
    const who = await ann();
    await rule("instagram", "comment", 1, 2000, 2000);
    const own = "17841400000000001";
    const value = (id: number) => instagramComment(String(ANN), `1780${id}`, "1790");
    await told(
      "instagram",
      simulator.instagram([
        {
          id: own,
          time: 1,
          changes: Array.from({ length: 600 }, (_, id) => ({ field: "comments", value: value(id) })),
        },
        ...Array.from({ length: 400 }, (_, id) => ({
          id: own,
          time: 2,
          field: "live_comments",
          value: value(600 + id),
        })),
      ]),
    );
    expect(await kept()).toBe(1);
    await told("instagram", simulator.instagram([{ id: own, time: 9, field: "comments", value: value(3) }]));
    await told(
      "instagram",
      simulator.instagram([
        { id: own, time: 9, field: "comments", value: instagramComment(own, "1", "1790") },
      ]),
    );
    await told(
      "instagram",
      simulator.instagram([
        { id: own, time: 9, changes: [{ field: "mentions", value: { media_id: "1" } }, 7, null] },
      ]),
    );
    await work();
    expect(await balance(who)).toBe(1000);
  });

  test("what nobody linked did, or did before it was linked, earns nothing and is kept nowhere", async () => {
    const who = await member();
    await rule("vk", "like", 5);
    await told("vk", simulator.like(ANN, 7));
    await at(noonPlus(MINUTE_MS));
    await link(who, "vk", ANN);
    await work();
    expect(await sql`select count(*)::int from amocrm.loyalty_activities`).toEqual([{ count: 0 }]);
    await told("vk", simulator.like(ANN, 7, false));
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(5);
    expect(await sql`select body from amocrm.inbox where body is not null`).toEqual([]);
  });
});

describe("the order of arrival", () => {
  test("decides, also where an older delivery is worked off after a newer one", async () => {
    const who = await ann();
    await told("vk", simulator.like(ANN, 7));
    await sql`update amocrm.inbox set due_at = ${noonPlus(MINUTE_MS)} where state = 'waiting'`;
    await told("vk", simulator.like(ANN, 7, false));
    await work();
    await at(noonPlus(2 * MINUTE_MS));
    await work();
    expect(await balance(who)).toBe(0);
    expect(await bookings()).toEqual([]);
  });

  test("one delivery that cannot be worked off stops no other, and waits", async () => {
    const who = await ann();
    await sql`insert into amocrm.inbox (source, key, body) values ('vk', 'odd', '{"changes": [{"act": "like", "is_on": true, "account": "101"}]}')`;
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await balance(who)).toBe(5);
    expect(await sql`select key, error from amocrm.inbox where state = 'waiting'`).toEqual([
      { key: "odd", error: "23502" },
    ]);
  });
});

describe("the code of the card", () => {
  beforeEach(async () => {
    await sql`insert into auth.users (id, email) values (${STUDENT_ID}, 'ann@example.com')`;
  });
  const draw = () =>
    runAs(STUDENT, async (api) => {
      await setTestClock(new Date(nowMs), api);
      return String((await api`select loyalty_code() as code`)[0]?.["code"]);
    });
  const write = (network: Network, account: number, text: string) => {
    const from = { id: account, is_bot: false };
    if (network === "telegram")
      return told(
        network,
        simulator.telegram({
          message: { message_id: 1, from, chat: { id: account, type: "private" }, text },
        }),
      );
    if (network === "vk")
      return told(
        network,
        simulator.vk("message_new", {
          message: { id: 1, from_id: account, peer_id: account, text },
          client_info: {},
        }),
      );
    return told(
      network,
      simulator.instagram([
        {
          id: "1784",
          time: 1,
          messaging: [{ sender: { id: String(account) }, message: { mid: "m", text } }],
        },
      ]),
    );
  };
  const owners = () =>
    sql`select provider, external_id from loyalty_identities where provider in ('vk', 'telegram', 'instagram') order by id`;

  test("written in private joins the account, once, from each network, as people write it", async () => {
    const code = await draw();
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(
      await sql`select count(*)::int from amocrm.loyalty_codes where code_hash like ${`%${code}%`}`,
    ).toEqual([{ count: 0 }]);
    await write("telegram", ANN, `/start ${code.toLowerCase()}`);
    await write("vk", ANN, code);
    await work();
    expect(await owners()).toEqual([{ provider: "telegram", external_id: "101" }]);
    await write(
      "vk",
      ANN,
      ` ${(await draw()).replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")}`,
    );
    await write("instagram", ANN, await draw());
    await work();
    expect(await owners()).toHaveLength(3);
    // Nothing that anybody wrote is kept.
    expect(JSON.stringify(await sql`select body, error from amocrm.inbox`)).not.toContain(code);
  });

  test("counts from the message on: a like between it and the work earns", async () => {
    await rule("vk", "like", 5);
    const code = await draw();
    await write("vk", ANN, code);
    await told("vk", simulator.like(ANN, 7));
    await work();
    expect(await bookings()).toEqual(["earn 5"]);
  });

  test("is worth nothing in a group, after 15 minutes, to a second account, or after five wrong ones", async () => {
    const code = await draw();
    const group = { id: GROUP, type: "supergroup" };
    await told(
      "telegram",
      simulator.telegram({ message: { message_id: 1, from: { id: ANN }, chat: group, text: code } }),
    );
    await told(
      "vk",
      simulator.vk("message_new", { message: { from_id: ANN, peer_id: 2_000_000_001, text: code } }),
    );
    expect(await waiting()).toBe(0);
    await at(noonPlus(15 * MINUTE_MS));
    await write("vk", ANN, code);
    await work();
    expect(await owners()).toEqual([]);
    const other = await draw();
    for (let time = 0; time < 4; time += 1) await write("vk", ANN, `${"0".repeat(15)}${time}`);
    await write("vk", ANN, other);
    await work();
    expect(await owners()).toEqual([]);
    await write("vk", 202, other);
    await work();
    await write("telegram", 303, other);
    await work();
    expect(await owners()).toEqual([{ provider: "vk", external_id: "202" }]);
    await at(noonPlus(76 * MINUTE_MS));
    await write("vk", ANN, await draw());
    await work();
    expect(await owners()).toHaveLength(2);
  });

  test("does not take an account from its owner", async () => {
    const bob = await member();
    await link(bob, "vk", ANN);
    await write("vk", ANN, await draw());
    await work();
    expect(await sql`select member_id from loyalty_identities where provider = 'vk'`).toEqual([
      { member_id: bob },
    ]);
  });
});

describe("whoever is not the network", () => {
  const like = (more: object) =>
    simulator.vk("like_add", { liker_id: ANN, object_type: "post", object_owner_id: -1, object_id: 1 }, more);
  const signed = (signature: string) => {
    const request = simulator.comment(String(ANN), "1");
    return new Request(request, { headers: { "x-hub-signature-256": signature } });
  };
  test.each([
    ["VK, another secret", "vk", () => like({ secret: "vk-secreT" })],
    ["VK, none", "vk", () => like({ secret: undefined })],
    ["VK, one that is no text", "vk", () => like({ secret: { length: 9 } })],
    ["VK, a confirmation with another secret", "vk", () => simulator.vk("confirmation", {}, { secret: "x" })],
    ["VK, no JSON", "vk", () => simulator.raw("vk", "secret=vk-secret")],
    [
      "Telegram, another secret",
      "telegram",
      () => simulator.telegram({}, { "x-telegram-bot-api-secret-token": "x" }),
    ],
    [
      "Telegram, an empty one",
      "telegram",
      () => simulator.telegram({}, { "x-telegram-bot-api-secret-token": "" }),
    ],
    ["Instagram, zeros", "instagram", () => signed(`sha256=${"0".repeat(64)}`)],
    ["Instagram, no hex", "instagram", () => signed(`sha256=${"z".repeat(64)}`)],
    ["Instagram, another hash", "instagram", () => signed(`sha1=${"0".repeat(40)}`)],
    ["Instagram, nothing", "instagram", () => signed("")],
  ] as const)("is refused, and nothing is kept: %s", async (_, network, request) => {
    expect((await tell(network, request())).status).toBe(401);
    expect(await kept()).toBe(0);
  });

  test("is let in nowhere without a secret of ours, and a GET learns nothing", async () => {
    environment = { VK_SECRET: " " };
    for (const network of ["vk", "telegram", "instagram"] as const) {
      expect((await tell(network, simulator.raw(network, "{}"))).status).toBe(503);
    }
    expect((await tell("vk", new Request("https://project.example"))).status).toBe(405);
    expect((await tell("telegram", new Request("https://project.example"))).status).toBe(405);
  });

  test("or sends too much is not read to the end", async () => {
    expect((await tell("vk", simulator.raw("vk", " ".repeat(300_000)))).status).toBe(413);
    expect((await tell("telegram", simulator.raw("telegram", " ".repeat(300_000)))).status).toBe(413);
    expect((await tell("instagram", simulator.raw("instagram", " ".repeat(4_200_000)))).status).toBe(413);
  });
});

describe("the right network", () => {
  test("VK: is told the code of its community, and only those that are named are let in", async () => {
    const confirm = async (group: number, more: object = { secret: undefined }) => {
      const answer = await tell(
        "vk",
        simulator.vk("confirmation", {}, { group_id: group, object: undefined, ...more }),
      );
      return [answer.status, await answer.text()];
    };
    expect(await confirm(1)).toEqual([200, "3f1c2a9b"]);
    expect(await confirm(1, {})).toEqual([200, "3f1c2a9b"]);
    environment["VK_CONFIRMATION"] = "1:aaa, 2:bbb";
    expect(await confirm(2)).toEqual([200, "bbb"]);
    expect((await confirm(3))[0]).toBe(503);
    environment["VK_GROUP_IDS"] = "1,2";
    expect((await confirm(3))[0]).toBe(403);
    expect((await tell("vk", simulator.like(ANN, 1))).status).toBe(403);
    expect(await kept()).toBe(0);
  });

  test("Instagram: answers the challenge to the right token only", async () => {
    const ask = async (request: Request) => {
      const answer = await tell("instagram", request);
      return [answer.status, answer.status === 200 ? await answer.text() : ""];
    };
    expect(await ask(simulator.challenge("verify-token", "1158201444"))).toEqual([200, "1158201444"]);
    expect(await ask(simulator.challenge("verify-tokem", "1158201444"))).toEqual([403, ""]);
    expect(await ask(simulator.challenge("", "1"))).toEqual([403, ""]);
    expect(await ask(simulator.challenge("verify-token", "1", "unsubscribe"))).toEqual([403, ""]);
    expect(await ask(simulator.challenge("verify-token", "<script>"))).toEqual([400, ""]);
    environment["INSTAGRAM_VERIFY_TOKEN"] = "";
    expect(await ask(simulator.challenge("", "1"))).toEqual([503, ""]);
  });

  test("Telegram and Instagram: other chats and accounts are answered and not kept", async () => {
    environment["TELEGRAM_CHAT_IDS"] = "-1";
    environment["INSTAGRAM_ACCOUNT_IDS"] = "2";
    await told("telegram", simulator.reaction(ANN, 1));
    await told("instagram", simulator.comment(String(ANN), "1"));
    expect(await kept()).toBe(0);
    environment["TELEGRAM_CHAT_IDS"] = String(GROUP);
    environment["INSTAGRAM_ACCOUNT_IDS"] = "17841400000000001";
    await told("telegram", simulator.reaction(ANN, 1));
    await told("instagram", simulator.comment(String(ANN), "1"));
    expect(await kept()).toBe(2);
  });

  test("but in a shape that nobody knows is kept, without its words, and answered so that it does not stop", async () => {
    await told("vk", simulator.vk("like_add", { liker_id: "Anna" }));
    await told("vk", simulator.vk("like_add", {}, { object: [null], event_id: 7, group_id: "x" }));
    await told("vk", simulator.vk("like_add", {}, { type: undefined }));
    await told("telegram", simulator.raw("telegram", '{"update_id": "x", "text": "Anna"}'));
    await told("telegram", simulator.raw("telegram", "Anna"));
    await told("instagram", simulator.raw("instagram", "Anna"));
    await told("instagram", simulator.instagram([{ time: 1 }]));
    const deep = `${'{"a":'.repeat(60_000)}1${"}".repeat(60_000)}`;
    await told("instagram", simulator.raw("instagram", deep));
    expect(await sql`select distinct state, error, body from amocrm.inbox`).toEqual([
      { state: "unreadable", error: "unexpected_shape", body: null },
    ]);
    expect(await kept()).toBe(8);
  });

  test("with ids, keys and letters that nobody expects breaks nothing", async () => {
    await ann();
    await told(
      "vk",
      simulator.vk("like_add", { liker_id: -5, object_type: "post", object_owner_id: -1, object_id: 1 }),
    );
    await told(
      "vk",
      simulator.vk(
        "like_add",
        { liker_id: ANN, object_type: "post", object_owner_id: -1, object_id: 1 },
        { event_id: "\0".repeat(5000) },
      ),
    );
    await told("vk", simulator.vk("constructor", {}));
    await told(
      "vk",
      simulator.vk("message_new", { message: { from_id: ANN, text: "\ud800\0".repeat(1000) } }),
    );
    await told(
      "telegram",
      simulator.raw(
        "telegram",
        '{"update_id": 1, "message_reaction": {"chat": {"id": 12345678901234567890, "type": "x"}}}',
      ),
    );
    await work();
    expect(await sql`select source, state from amocrm.inbox order by id`).toEqual([
      { source: "vk", state: "worked" },
      { source: "telegram", state: "unreadable" },
    ]);
  });

  test("gets 503 if nothing could be kept, and 429 beyond the bound", async () => {
    const broken = {
      append: () => Promise.reject(new Error("down")),
      claim: async () => [],
      settle: async () => 0,
    };
    const answer = await answerVkEvents(simulator.like(ANN, 1), {
      environment,
      inbox: broken,
      log: () => {},
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    await sql`update amocrm.inbox_sources set max_rows = 1 where source = 'vk'`;
    await told("vk", simulator.like(ANN, 1));
    expect((await tell("vk", simulator.like(ANN, 2))).status).toBe(429);
    await work();
    await told("vk", simulator.like(ANN, 2));
    await sql`update amocrm.inbox_sources set max_rows = 20000 where source = 'vk'`;
  });
});

describe("health", () => {
  test("warns of a door that is open to any community, and of rules for a network that never called", async () => {
    await rule("telegram", "like", 1);
    await told("vk", simulator.like(ANN, 1));
    await work();
    await at(dayPlus(2));
    expect(await sql`select code, detail from amocrm.social_conditions()`).toEqual([
      {
        code: "loyalty_network_open",
        detail: "Deliveries of vk are taken from any community or account, since none are named",
      },
      {
        code: "loyalty_network_silent",
        detail: "There are rules of points for telegram, and no delivery was ever received",
      },
    ]);
    environment["VK_GROUP_IDS"] = "219000001";
    await told("vk", simulator.like(ANN, 1, false));
    await told("telegram", simulator.reaction(ANN, 1));
    environment["TELEGRAM_CHAT_IDS"] = String(GROUP);
    await told("telegram", simulator.reaction(ANN, 2));
    await work();
    expect(await sql`select code from amocrm.social_conditions()`).toEqual([]);
  });
});

test("whoever is forgotten is forgotten with accounts, codes and what waits in the inbox; others' changes stay", async () => {
  const who = await ann();
  await sql`insert into loyalty_identities (member_id, provider, external_id) values (${who}, 'email', 'ann@example.com')`;
  await told("vk", simulator.like(ANN, 1));
  await work();
  await sql`insert into amocrm.loyalty_codes (code_hash, member_id, expires_at) values ('hash', ${who}, ${noonPlus(MINUTE_MS)})`;
  const own = "17841400000000001";
  await told(
    "instagram",
    simulator.instagram([
      { id: own, time: 1, field: "comments", value: instagramComment(String(ANN), "1", "9") },
      { id: own, time: 1, field: "comments", value: instagramComment("202", "2", "9") },
    ]),
  );
  await sql`select amocrm.forget_loyalty('{ann@example.com}', '{}')`;
  expect(
    await sql`select jsonb_path_query_array(body, '$.changes[*].account') as accounts from amocrm.inbox where body is not null`,
  ).toEqual([{ accounts: ["202"] }]);
  for (const table of ["loyalty_activities", "loyalty_codes", "loyalty_code_tries"]) {
    expect(await sql`select from ${sql(`amocrm.${table}`)}`).toHaveLength(0);
  }
  await told("vk", simulator.like(ANN, 1, false));
  await told("vk", simulator.like(ANN, 2));
  await work();
  expect(await bookings()).toEqual(["earn 5"]);
});
