import { describe, expect, test } from "vitest";
import { instagramComment } from "#dev/social-simulator/simulator.ts";
import { HOUR_MS, MINUTE_MS, noonPlus } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { dayPlus, openLoyalty } from "../support/loyalty.ts";
import { ANN, openSocial } from "../support/social.ts";

const database = await useDatabase();
const { sql } = database;
const { member, balance, spend, order } = openLoyalty(sql);
const social = await openSocial(database);
const { simulator, at, told, work, link, rule, bookings, ann } = social;

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
