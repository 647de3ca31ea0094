import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { dayPlus, openLoyalty } from "../support/loyalty.ts";

const { sql } = await useDatabase();
const { member, order, refund, spend, card, percents } = openLoyalty(sql);
const at = (day: number) => setTestClock(dayPlus(day), sql);
const review = () => sql`select amocrm.review_tiers()`;
const tier = async (who: string) => (await card(who))["tier"];
const changes = async () =>
  (await sql`select event, from_value, to_value from loyalty_changes order by id`).map(
    ({ event, from_value: from, to_value: to }) => `${event} ${from} ${to}`,
  );
beforeEach(() => setTestClock(NOON, sql));

describe("the rate of an order", () => {
  test("is that of the spend before it: what crosses a threshold earns at the old one", async () => {
    const ann = await member();
    for (const amount of [49_999, 1, 100_000, 350_000, 10]) await order(ann, { amount, day: -1 });
    expect(await percents()).toEqual([5, 5, 10, 15, 20]);
    expect(await tier(ann)).toBe("platinum");
    expect(await changes()).toEqual([
      "loyalty.tier_changed bronze silver",
      "loyalty.tier_changed silver gold",
      "loyalty.tier_changed gold platinum",
    ]);
  });

  test("is that of its own payment when it is told late, and nobody is rated again", async () => {
    const ann = await member();
    await order(ann, { amount: 60_000, day: -10 });
    await order(ann, { amount: 1000, day: -20 });
    await order(ann, { amount: 1000, day: -5 });
    expect(await percents()).toEqual([5, 5, 10]);
  });

  test("counts net spend of the window only; an order older than that lifts nobody", async () => {
    const ann = await member();
    await order(ann, { amount: 600_000, day: -366 });
    expect(await tier(ann)).toBe("bronze");
    const id = await order(ann, { amount: 60_000, day: -300 });
    await refund(id, 20_000);
    await order(ann, { amount: 9000, day: -2 });
    expect(await tier(ann)).toBe("silver");
    await spend(ann, 500);
    expect(await tier(ann)).toBe("silver");
  });

  test("stays when it is refunded", async () => {
    const ann = await member();
    await order(ann, { amount: 60_000, day: -3 });
    const id = await order(ann, { amount: 1000, day: -2 });
    await refund(id, 500);
    const points =
      await sql`select amount from loyalty_points where order_id = (select id from loyalty_orders where external_id = ${id}) order by id`;
    expect(points).toEqual([{ amount: 100 }, { amount: -50 }]);
  });
});

describe("a tier", () => {
  test("falls at its review by one step, 14 days after a warning, and not before", async () => {
    const ann = await member();
    await order(ann, { amount: 160_000 });
    const [row] = await sql`select tier_review_at from loyalty_members`;
    expect(row?.["tier_review_at"]).toEqual(dayPlus(365));
    await at(350.9);
    await review();
    expect(await changes()).toHaveLength(1);
    await at(351);
    await review();
    await review();
    expect((await changes()).slice(1)).toEqual(["loyalty.tier_at_risk gold bronze"]);
    await at(364.9);
    await review();
    expect(await tier(ann)).toBe("gold");
    await at(365);
    await review();
    await review();
    expect(await tier(ann)).toBe("silver");
    await at(365 + 351);
    await review();
    await at(365 + 365);
    await review();
    expect(await tier(ann)).toBe("bronze");
    expect(await sql`select tier_review_at from loyalty_members`).toEqual([{ tier_review_at: null }]);
  });

  test("does not fall without a warning, when no job ran for long; a refund does not lower it at once", async () => {
    const ann = await member();
    const id = await order(ann, { amount: 60_000 });
    await refund(id, 60_000);
    expect(await tier(ann)).toBe("silver");
    await at(400);
    await review();
    expect(await tier(ann)).toBe("silver");
    await at(414);
    await review();
    expect(await tier(ann)).toBe("bronze");
  });

  test("is kept by whoever bought enough again, for another window", async () => {
    const ann = await member();
    await order(ann, { amount: 60_000 });
    await at(352);
    await review();
    await order(ann, { amount: 50_000, day: 352 });
    await at(365);
    await review();
    expect(await tier(ann)).toBe("silver");
    expect(await sql`select tier_review_at, tier_warned_at from loyalty_members`).toEqual([
      { tier_review_at: dayPlus(730), tier_warned_at: null },
    ]);
  });

  test("that an admin sets holds until its day, and orders paid meanwhile earn by it", async () => {
    const ann = await member();
    await sql`select loyalty_tier_set(${ann}, 'gold', ${dayPlus(30)}, 'a friend of the house')`;
    expect(await tier(ann)).toBe("gold");
    await order(ann, { amount: 1000, day: -1 });
    await at(10);
    await order(ann, { amount: 1000, day: 10 });
    await at(30);
    expect(await tier(ann)).toBe("bronze");
    await order(ann, { amount: 1000, day: 30 });
    expect(await percents()).toEqual([5, 15, 5]);
    for (const [name, until, reason] of [
      ["brass", dayPlus(60), "a"],
      ["gold", dayPlus(29), "a"],
      ["gold", null, "a"],
      ["gold", dayPlus(60), ""],
    ] as const) {
      expect(await outcomeOf(sql`select loyalty_tier_set(${ann}, ${name}, ${until}, ${reason})`)).toBe(
        "22023",
      );
    }
  });
});
