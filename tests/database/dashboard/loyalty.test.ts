import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { openLoyalty } from "../support/loyalty.ts";
import { ADMIN, openDataApi, VIEWER } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const asCaller = openDataApi(database);
const runAs: typeof asCaller = (caller, body) =>
  asCaller(caller, async (session) => {
    await setTestClock(NOON, session);
    return await body(session);
  });
const { member, order, spend } = openLoyalty(sql);
beforeEach(() => setTestClock(NOON, sql));

interface Listed {
  rows: {
    id: string;
    tier: string;
    balance: number;
    segment: string | null;
    contacts: { value: string }[];
  }[];
  next: string | null;
}
const list = async (filter: object, before: string | null = null, limit = 50): Promise<Listed> =>
  (
    await runAs(
      VIEWER,
      (session) =>
        session`select loyalty_member_list(${JSON.stringify(filter)}::text::jsonb, ${before}, ${limit}) as page`,
    )
  )[0]?.["page"];
const found = async (filter: object): Promise<string[]> => (await list(filter)).rows.map(({ id }) => id);
const shown = async (id: string) =>
  (await runAs(VIEWER, (session) => session`select loyalty_member(${id}) as member`))[0]?.["member"];
const overview = async () =>
  (await runAs(VIEWER, (session) => session`select loyalty_overview() as told`))[0]?.["told"];

test("before the first member there is no loyalty to be seen", async () => {
  const isInUse = async () =>
    (await runAs(VIEWER, (session) => session`select loyalty_is_in_use() as is`))[0]?.["is"];
  expect(await isInUse()).toBe(false);
  expect(await overview()).toMatchObject({ member_count: 0, scored_count: 0, grid: [] });
  await member();
  expect(await isInUse()).toBe(true);
});

describe("the list", () => {
  test("finds a person by e-mail, phone, account or id, also of a member that was joined, and masks what it shows", async () => {
    const [ann, other] = [await member(), await member()];
    await sql`insert into loyalty_identities (member_id, provider, external_id) values
      (${ann}, 'email', 'Ann@Example.com'), (${ann}, 'vk', '70011'), (${other}, 'phone', '+77011234567')`;
    expect(await found({ search: " ann@example.com " })).toEqual([ann]);
    expect(await found({ search: "8 701 123 45 67" })).toEqual([other]);
    await sql`select loyalty_join(${ann}, ${other})`;
    for (const search of ["+7 701 123-45-67", "70011", other, other.toUpperCase()])
      expect([search, await found({ search })]).toEqual([search, [ann]]);
    expect(await found({ search: "nobody@example.com" })).toEqual([]);
    const page = await list({ search: "70011" });
    expect(page.rows[0]?.contacts.map(({ value }) => value)).toEqual(["a***@e***", "***67", "***11"]);
    expect(JSON.stringify(page)).not.toMatch(/ann@example|7011234567/i);
  });

  test("goes by tier, also one set by hand, by segment and scores, a page at a time, and leaves out who was forgotten", async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => member()));
    const [ann = "", bob = "", cat = "", dan = ""] = people;
    await order(ann, { amount: 60_000 });
    await order(bob, { amount: 10, day: -200 });
    await sql`select loyalty_tier_set(${cat}, 'gold', ${new Date(NOON.getTime() + 1000)}, 'a guest of ours')`;
    await sql`update loyalty_members set forgotten_at = ${NOON} where id = ${dan}`;
    await sql`select loyalty_recompute()`;
    expect(await found({ tier: "silver" })).toEqual([ann]);
    expect(await found({ tier: "gold" })).toEqual([cat]);
    expect(await found({ segment: "champions" })).toEqual([ann]);
    expect(await found({ r: 5, tier: "silver" })).toEqual([ann]);
    expect(await found({ m: 3, f: 5 })).toEqual([bob]);
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: Listed = await list({}, before, 2);
      seen.push(...page.rows.map(({ id }) => id));
      before = page.next;
    } while (before !== null);
    const known = await sql`select id from loyalty_members where forgotten_at is null`;
    expect(seen.toSorted()).toEqual(known.map(({ id }) => String(id)).toSorted());
    expect(await overview()).toMatchObject({ scored_count: 2, currency: "KZT" });
  });

  test.each(["[]", '{"tier": 5}', '{"r": 6}', '{"balance": 1}', '{"search": ""}'])(
    "refuses the filter %s",
    async (filter) => {
      expect(
        await outcomeOf(
          runAs(VIEWER, (session) => session`select loyalty_member_list(${filter}::text::jsonb, null, 50)`),
        ),
      ).toBe("22023");
    },
  );
});

describe("one member", () => {
  test("is shown with card, orders, ledger and identities of all that were joined, masked; an admin sees who it is, and that is written down", async () => {
    const [ann, other] = [await member(), await member()];
    await sql`insert into loyalty_identities (member_id, provider, external_id) values (${ann}, 'email', 'eve@example.com'), (${other}, 'telegram', '555123')`;
    const bought = await order(ann, { amount: 10_000, day: -30, refunded: 1000 });
    await order(other, { amount: 2000, day: -1 });
    await spend(ann, 50);
    await sql`select loyalty_adjust(${ann}, 7, 'gift', 'call +7 701 555 44 33')`;
    const [join] = await sql`select loyalty_join(${ann}, ${other}) as id`;
    await sql`select loyalty_recompute()`;
    const told = await shown(other);
    expect(told).toMatchObject({
      id: ann,
      card: { tier: "bronze", balance: 450 - 50 + 7, pending: 100 },
      scores: { frequency: 2, monetary: 11_000, segment: "champions" },
      is_mailable: true,
      joins: [{ id: join?.["id"], other_id: other }],
    });
    expect(told.orders.map((one: { external_id: string }) => one.external_id)).toContain(bought);
    expect(told.ledger.map((one: { kind: string; amount: number }) => `${one.kind} ${one.amount}`)).toEqual([
      "adjust 7",
      "spend -50",
      "earn 100",
      "earn 450",
    ]);
    expect(told.ledger[0].reason).toBe("call •••");
    expect(JSON.stringify(told)).not.toMatch(/eve@example|555123/);
    const revealed = await runAs(
      ADMIN,
      (session) => session`select loyalty_member_reveal(${ann}) as contacts`,
    );
    expect(revealed[0]?.["contacts"]).toMatchObject([{ value: "eve@example.com" }, { value: "555123" }]);
    expect((await sql`select action from amocrm.actions order by id desc limit 1`)[0]).toEqual({
      action: "loyalty_member_reveal",
    });
  });

  test("that nobody knows is refused", async () => {
    expect(await outcomeOf(shown("00000000-0000-4000-8000-000000000000"))).toBe("22023");
  });

  test("shows whom it may be one with, until they are joined", async () => {
    const [ann, other] = [await member(), await member()];
    await sql`insert into loyalty_join_suggestions (member_id, other_id, reason) values (least(${ann}::uuid, ${other}::uuid), greatest(${ann}::uuid, ${other}::uuid), 'phone')`;
    expect((await shown(ann)).suggestions).toMatchObject([{ other_id: other, reason: "phone" }]);
    expect((await shown(other)).suggestions).toMatchObject([{ other_id: ann, reason: "phone" }]);
    await sql`select loyalty_join(${ann}, ${other})`;
    expect((await shown(ann)).suggestions).toEqual([]);
  });
});

test("campaigns are listed without their texts, newest first, with how many people each is for", async () => {
  const ann = await member();
  await sql`insert into loyalty_identities (member_id, provider, external_id) values (${ann}, 'email', 'reader@example.com')`;
  await sql`select loyalty_campaign_create(null, 'First', '<p>A secret</p>')`;
  await setTestClock(new Date(NOON.getTime() + 1000), sql);
  const [row] = await sql`select loyalty_campaign_create(null, 'Second', '<p>Another</p>') as id`;
  await sql`select loyalty_campaign_confirm(${row?.["id"]})`;
  const [told] = await runAs(VIEWER, (session) => session`select loyalty_campaign_list() as campaigns`);
  expect(told?.["campaigns"]).toMatchObject([
    { subject: "Second", state: "confirmed" },
    { subject: "First", state: "draft", audience_count: 0 },
  ]);
  expect(told?.["campaigns"][0].audience_count).toBeGreaterThan(0);
  expect(JSON.stringify(told)).not.toContain("secret");
});
