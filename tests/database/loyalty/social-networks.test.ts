import { beforeEach, describe, expect, test } from "vitest";
import { instagramComment } from "#dev/social-simulator/simulator.ts";
import { MINUTE_MS, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openLoyalty } from "../support/loyalty.ts";
import { openDataApi, STUDENT, STUDENT_ID } from "../support/roles.ts";
import { ANN, GROUP, type Network, openSocial } from "../support/social.ts";

const database = await useDatabase();
const { sql } = database;
const { member, balance } = openLoyalty(sql);
const runAs = openDataApi(database);
const social = await openSocial(database);
const { simulator, at, told, work, waiting, kept, link, rule, bookings, ann } = social;

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

describe("the code of the card", () => {
  beforeEach(async () => {
    await sql`insert into auth.users (id, email) values (${STUDENT_ID}, 'ann@example.com')`;
  });
  const draw = () =>
    runAs(STUDENT, async (api) => {
      await setTestClock(social.now, api);
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
