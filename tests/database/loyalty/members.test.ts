import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { dayPlus, openLoyalty } from "../support/loyalty.ts";
import { type Caller, MANAGER, openDataApi, STUDENT, STUDENT_ID } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const { member, order, refund, spend, giveBack, balance, card } = openLoyalty(sql);
const runAs = openDataApi(database);
beforeEach(() => setTestClock(NOON, sql));
const VIEWER: Caller = {
  role: "authenticated",
  claims: { sub: "55555555-5555-4555-8555-555555555555", app_metadata: { role: "viewer" } },
};

const identify = (who: string, provider: string, id: string) =>
  sql`insert into loyalty_identities (member_id, provider, external_id) values (${who}, ${provider}, ${id})`;
const memberOf = async (email: string | null, phone: string | null, client: string | null = null) =>
  String(
    (await sql`select amocrm.loyalty_member_of(${email}, ${phone}, 'qtickets', ${client}) as id`)[0]?.["id"],
  );

describe("an identity", () => {
  test("is normalised at writing and has one owner", async () => {
    const [ann, bob] = [await member(), await member()];
    await identify(ann, "email", " Ann@Example.COM ");
    await identify(ann, "phone", "8 (701) 111-22-33");
    await identify(ann, "vk", " 123 ");
    expect(
      (await sql`select external_id from loyalty_identities order by id`).map((row) => row["external_id"]),
    ).toEqual(["ann@example.com", "+77011112233", "123"]);
    expect(await outcomeOf(identify(bob, "email", "ANN@example.com"))).toBe("23505");
    expect(await outcomeOf(identify(bob, "phone", "no number"))).toBe("22023");
    expect(await outcomeOf(identify(bob, "icq", "1"))).toBe("23514");
  });
});

describe("a paid order's buyer", () => {
  test("is found by e-mail, without one by phone, without both by the provider's id, else is new", async () => {
    const ann = await memberOf("ann@example.com", "+77011112233", "7");
    expect(await memberOf("ANN@example.com", null)).toBe(ann);
    expect(await memberOf(null, "87011112233")).toBe(ann);
    expect(await memberOf(null, null, "7")).toBe(ann);
    expect(await memberOf(null, null, "8")).not.toBe(ann);
    expect(await sql`select distinct mailing from loyalty_members`).toEqual([{ mailing: false }]);
  });

  test("with somebody else's phone is suggested to be that member, and not joined", async () => {
    const ann = await memberOf("ann@example.com", "+77011112233");
    const bob = await memberOf("bob@example.com", "+77011112233");
    await memberOf("bob@example.com", "+77011112233");
    expect(bob).not.toBe(ann);
    expect(await sql`select member_id, other_id, reason from loyalty_join_suggestions`).toEqual([
      { member_id: [ann, bob].toSorted()[0], other_id: [ann, bob].toSorted()[1], reason: "phone" },
    ]);
  });
});

describe("two members that are joined", () => {
  test("have one balance that either spends, and parted each has its own", async () => {
    const [ann, bob] = [await member(), await member()];
    await order(ann, { amount: 2000, day: -300 });
    await order(bob, { amount: 4000, day: -20 });
    const [row] = await sql`select loyalty_join(${ann}, ${bob}) as id`;
    expect([await balance(ann), await balance(bob)]).toEqual([300, 300]);
    expect(await spend(bob, 150, "a")).toBe(150);
    expect(await outcomeOf(sql`select loyalty_join(${bob}, ${ann})`)).toBe("22023");
    await sql`select loyalty_unjoin(${row?.["id"]})`;
    expect([await balance(ann), await balance(bob)]).toEqual([0, 150]);
    expect(await outcomeOf(sql`select loyalty_unjoin(${row?.["id"]})`)).toBe("22023");
    expect(await giveBack("a")).toBe(200);
    expect([await balance(ann), await balance(bob)]).toEqual([100, 200]);
  });

  test("in a chain look through to one root, and a branch that is parted takes its own along", async () => {
    const [ann, bob, cat] = [await member(), await member(), await member()];
    for (const who of [ann, bob, cat]) await order(who, { amount: 2000, day: -20 });
    const [first] = await sql`select loyalty_join(${bob}, ${cat}) as id`;
    const [second] = await sql`select loyalty_join(${ann}, ${bob}) as id`;
    expect([await balance(ann), await balance(cat)]).toEqual([300, 300]);
    await sql`select loyalty_unjoin(${second?.["id"]})`;
    expect([await balance(ann), await balance(bob), await balance(cat)]).toEqual([100, 200, 200]);
    await sql`select loyalty_unjoin(${first?.["id"]})`;
    expect([await balance(bob), await balance(cat)]).toEqual([100, 100]);
    expect(await outcomeOf(sql`update loyalty_members set joined_into = ${ann} where id = ${bob}`)).toBe(
      "22023",
    );
  });

  test("count together for the tier, which each gets back; what was booked is not rated again", async () => {
    const [ann, bob] = [await member(), await member()];
    await order(ann, { amount: 30_000, day: -20 });
    await order(bob, { amount: 30_000, day: -19 });
    const [row] = await sql`select loyalty_join(${ann}, ${bob}) as id`;
    expect((await card(bob))["tier"]).toBe("silver");
    const id = await order(bob, { amount: 1000, day: 0 });
    expect(
      (await sql`select percent from loyalty_orders order by id`).map(({ percent }) => Number(percent)),
    ).toEqual([5, 5, 10]);
    await sql`select loyalty_unjoin(${row?.["id"]})`;
    expect([(await card(ann))["tier"], (await card(bob))["tier"]]).toEqual(["bronze", "bronze"]);
    await refund(id, 1000);
    await setTestClock(dayPlus(20), sql);
    expect([await balance(ann), await balance(bob)]).toEqual([1500, 1500]);
  });
});

describe("a signed-in person", () => {
  const open = (caller: Caller) =>
    runAs(caller, async (api) => [...(await api`select * from loyalty_my_card()`)]);
  const makeUser = (email: string, confirmed: boolean) => sql`
    insert into auth.users (id, email, email_confirmed_at) values (${STUDENT_ID}, ${email}, ${confirmed ? NOON : null})`;

  test("becomes a member by opening the card, and gets the points of a proved address", async () => {
    const ann = await member();
    await identify(ann, "email", "ann@example.com");
    await sql`select loyalty_adjust(${ann}, 70, 'a', 'a gift')`;
    await makeUser("ann@example.com", true);
    const [first] = await open(STUDENT);
    expect(first).toMatchObject({ member_id: ann, tier: "bronze" });
    expect(await open(STUDENT)).toHaveLength(1);
    expect(await sql`select count(*)::int from loyalty_members`).toEqual([{ count: 1 }]);
    expect(await outcomeOf(open(MANAGER))).toBe("P0002");
  });

  test("with an unproved address gets a card of their own", async () => {
    const ann = await member();
    await identify(ann, "email", "ann@example.com");
    await makeUser("ann@example.com", false);
    const [card] = await open(STUDENT);
    expect(card?.["member_id"]).not.toBe(ann);
    expect(await sql`select count(*)::int from loyalty_identities`).toEqual([{ count: 1 }]);
  });

  test("sees no row but their own, and a viewer sees masked addresses", async () => {
    const ann = await member();
    await identify(ann, "email", "ann@example.com");
    await identify(ann, "phone", "+77011112233");
    await order(ann, { amount: 2000, day: -20 });
    await makeUser("bob@example.com", true);
    const [own] = await open(STUDENT);
    const seen = await runAs(STUDENT, async (api) => [
      ...(await api`select member_id from loyalty_card`),
      ...(await api`select member_id from loyalty_balance`),
      ...(await api`select id from loyalty_orders`),
      ...(await api`select id from loyalty_points`),
      ...(await api`select id from loyalty_identities`),
    ]);
    expect(seen).toEqual([{ member_id: own?.["member_id"] }, { member_id: own?.["member_id"] }]);
    const masked = await runAs(VIEWER, async (api) => [
      ...(await api`select external_id from loyalty_contacts where member_id = ${ann} order by provider`),
    ]);
    expect(masked).toEqual([{ external_id: "a***@e***" }, { external_id: "***33" }]);
    expect(await runAs(VIEWER, async (api) => (await api`select id from loyalty_identities`).length)).toBe(0);
    expect(await outcomeOf(runAs(STUDENT, (api) => api`select * from loyalty_contacts`))).toBe("42501");
    const history = await runAs(STUDENT, async (api) => [...(await api`select * from loyalty_my_history()`)]);
    expect(history).toEqual([]);
  });
});

describe("a member who is forgotten", () => {
  test("leaves orders and points of nobody, and an order of later is a new member's", async () => {
    const ann = await memberOf("ann@example.com", "+77011112233", "7");
    const bob = await memberOf("bob@example.com", null);
    await order(ann, { amount: 2000, day: -20 });
    const [row] = await sql`select amocrm_forget('Ann@example.com') as answer`;
    expect(row?.["answer"]).toMatchObject({ loyalty_members: 1 });
    expect((await sql`select member_id from loyalty_identities`).map(({ member_id: id }) => id)).toEqual([
      bob,
    ]);
    expect(await balance(ann)).toBe(100);
    expect(await sql`select mailing, forgotten_at from loyalty_members where id = ${ann}`).toEqual([
      { mailing: false, forgotten_at: NOON },
    ]);
    expect(await memberOf("ann@example.com", "+77011112233", "7")).not.toBe(ann);
  });
});
