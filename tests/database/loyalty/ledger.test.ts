import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf, outcomeOf } from "../support/errors.ts";
import { dayPlus, openLoyalty } from "../support/loyalty.ts";
import { ADMIN, openDataApi, STUDENT } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const { member, order, refund, spend, giveBack, balance, card } = openLoyalty(sql);
const runAs = openDataApi(database);
const at = (day: number) => setTestClock(dayPlus(day), sql);
beforeEach(() => setTestClock(NOON, sql));

/** Kind, points and key of each row. */
const ledger = async () =>
  (await sql`select kind, amount from loyalty_points order by id`).map(
    ({ kind, amount }) => `${kind} ${amount}`,
  );

describe("an award", () => {
  test("is earned when an order is paid, rounded down, once, and can be spent after the days of refund", async () => {
    const ann = await member();
    await order(ann, { amount: 1999.99 });
    expect(await ledger()).toEqual(["earn 99"]);
    expect(await card(ann)).toMatchObject({ balance: 0, pending: 99, next_expiry_at: null });
    await at(13.99);
    expect(await balance(ann)).toBe(0);
    await at(14);
    expect(await balance(ann)).toBe(99);
    // The end of the local day of the payment, a year later: 19:00 UTC is midnight in Almaty.
    expect(await card(ann)).toMatchObject({
      next_expiry_at: new Date("2032-05-04T19:00:00.000Z"),
      next_expiry_amount: 99,
    });
    await sql`update loyalty_orders set amount = amount, percent = 50, paid_at = paid_at where true`;
    expect(await ledger()).toEqual(["earn 99"]);
  });

  test("of nothing is none: an unpaid order, one of a few coins, one refunded before it was told", async () => {
    const ann = await member();
    const unpaid = await order(ann, { amount: 1000, day: null });
    await order(ann, { amount: 19 });
    await order(ann, { amount: 1000, refunded: 1000 });
    expect(await ledger()).toEqual([]);
    await sql`update loyalty_orders set paid_at = ${NOON} where external_id = ${unpaid}`;
    expect(await ledger()).toEqual(["earn 50"]);
  });

  test("cannot be spent any more from the end of its day on, also when no job has run", async () => {
    const ann = await member();
    await order(ann, { amount: 2000 });
    await setTestClock(new Date("2032-05-04T18:59:59.000Z"), sql);
    expect(await balance(ann)).toBe(100);
    await setTestClock(new Date("2032-05-04T19:00:00.000Z"), sql);
    expect(await balance(ann)).toBe(0);
    expect(await ledger()).toEqual(["earn 100"]);
    expect((await errorOf(spend(ann, 1))).message).toBe("not_enough");
  });

  test("is written down and never changed", async () => {
    const ann = await member();
    await order(ann, { amount: 2000 });
    expect(await outcomeOf(sql`update loyalty_points set amount = 1000 where true`)).toBe("55000");
    expect(await outcomeOf(sql`delete from loyalty_points where true`)).toBe("55000");
  });
});

describe("spending", () => {
  test("takes what expires first, wholly or not at all, and a refused key stays free", async () => {
    const ann = await member();
    await order(ann, { amount: 2000, day: -100 });
    await order(ann, { amount: 4000, day: -300 });
    const error = await errorOf(spend(ann, 301, "a"));
    expect([error.code, error.message]).toEqual(["P0001", "not_enough"]);
    expect(await ledger()).toHaveLength(2);
    expect(await spend(ann, 250, "a")).toBe(50);
    // The older order's 200 and 50 of the other's 100: the rest expires with the younger one.
    expect(await card(ann)).toMatchObject({ next_expiry_amount: 50 });
    await at(200);
    expect(await balance(ann)).toBe(50);
  });

  test("under the same key is once, with other values refused, and of nothing too", async () => {
    const [ann, bob] = [await member(), await member()];
    await order(ann, { amount: 2000, day: -20 });
    await order(bob, { amount: 2000, day: -20 });
    expect([await spend(ann, 60, "a"), await spend(ann, 60, "a")]).toEqual([40, 40]);
    for (const [who, points] of [
      [ann, 30],
      [bob, 60],
    ] as const) {
      const error = await errorOf(spend(who, points, "a"));
      expect([error.code, error.message]).toEqual(["22023", "p_key has been used with other values"]);
    }
    for (const points of [0, -5]) expect(await outcomeOf(spend(ann, points))).toBe("22023");
    for (const key of ["", " ", "order:1", "x".repeat(201)])
      expect(await outcomeOf(spend(ann, 1, key))).toBe("22023");
    expect(await outcomeOf(spend(crypto.randomUUID(), 1))).toBe("22023");
    expect(await balance(ann)).toBe(40);
  });

  test("ten times at the same moment spends exactly what the balance covers", async () => {
    const ann = await member();
    await order(ann, { amount: 1400, day: -20 });
    const ten = Array.from({ length: 10 }, () => database.connect());
    for (const session of ten) await setTestClock(NOON, session);
    const outcomes = await Promise.all(
      ten.map((session, index) => outcomeOf(session`select loyalty_spend(${ann}, 10, ${`k-${index}`})`)),
    );
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome === "P0001")).toHaveLength(3);
    expect(await balance(ann)).toBe(0);
    const same = await Promise.all(
      ten.map((session) => outcomeOf(session`select loyalty_spend(${ann}, 10, 'k-0')`)),
    );
    expect(new Set(same).size).toBe(1);
    expect(await sql`select count(*)::int from loyalty_points where kind = 'spend'`).toEqual([{ count: 7 }]);
  });
});

describe("a spend that is given back", () => {
  test("returns to the same awards with their expiry, in parts, and never more than was spent", async () => {
    const ann = await member();
    await order(ann, { amount: 2000, day: -300 });
    await order(ann, { amount: 2000, day: -100 });
    await spend(ann, 150, "a");
    expect(await giveBack("a", 60)).toBe(110);
    expect(await card(ann)).toMatchObject({ next_expiry_amount: 10, balance: 110 });
    expect(await giveBack("a", 1000)).toBe(200);
    expect(await giveBack("a")).toBe(200);
    expect(await card(ann)).toMatchObject({ next_expiry_amount: 100 });
    expect(await giveBack("unknown")).toBeNull();
    expect(await outcomeOf(giveBack("a", 0))).toBe("22023");
    expect(await ledger()).toEqual(["earn 100", "earn 100", "spend -150", "reverse 60", "reverse 90"]);
  });

  test("after the award expired holds for the days of grace", async () => {
    const ann = await member();
    await order(ann, { amount: 2000, day: -360 });
    await spend(ann, 100, "a");
    await at(10);
    expect(await giveBack("a", 30)).toBe(30);
    expect(await giveBack("a")).toBe(100);
    expect(await giveBack("a")).toBe(100);
    await at(40);
    expect(await balance(ann)).toBe(100);
    await at(41);
    expect(await balance(ann)).toBe(0);
  });
});

describe("a refunded order", () => {
  test("in parts takes back what its points are more than those of what is left", async () => {
    const ann = await member();
    const id = await order(ann, { amount: 1990 });
    expect(await ledger()).toEqual(["earn 99"]);
    for (const amount of [500, 1000, 1500, 1990]) await refund(id, amount);
    expect(await ledger()).toEqual(["earn 99", "reverse -25", "reverse -25", "reverse -25", "reverse -24"]);
    await refund(id, 1000);
    expect(await ledger()).toHaveLength(6);
    await at(14);
    expect(await balance(ann)).toBe(49);
    expect(await outcomeOf(refund(id, 1990.01))).toBe("23514");
  });

  test("makes the balance negative if its points are spent, and later ones fill that", async () => {
    const ann = await member();
    const id = await order(ann, { amount: 2000, day: -20 });
    await spend(ann, 100);
    await refund(id, 2000);
    expect(await balance(ann)).toBe(-100);
    expect(await outcomeOf(spend(ann, 1))).toBe("P0001");
    await order(ann, { amount: 3000 });
    expect(await balance(ann)).toBe(-100);
    await at(14);
    expect(await balance(ann)).toBe(50);
    await at(400);
    expect(await balance(ann)).toBe(0);
  });

  test("takes pending points before spendable ones", async () => {
    const ann = await member();
    const old = await order(ann, { amount: 2000, day: -20 });
    await order(ann, { amount: 2000, day: -20 });
    await order(ann, { amount: 1000, day: -1 });
    await spend(ann, 100);
    await refund(old, 2000);
    expect(await card(ann)).toMatchObject({ balance: 50, pending: 0 });
  });

  test("never takes what has expired, and a deleted one is refunded whole until it is restored", async () => {
    const ann = await member();
    const id = await order(ann, { amount: 2000, day: -200 });
    await spend(ann, 40);
    await at(170);
    await sql`update loyalty_orders set deleted_at = ${NOON} where external_id = ${id}`;
    expect(await ledger()).toEqual(["earn 100", "spend -40", "expire -60", "reverse -40"]);
    expect(await balance(ann)).toBe(-40);
    await sql`update loyalty_orders set deleted_at = null where external_id = ${id}`;
    expect(await balance(ann)).toBe(0);
  });

  test("gives back to a debt what its award had filled", async () => {
    const ann = await member();
    const first = await order(ann, { amount: 2000, day: -20 });
    await spend(ann, 100);
    await refund(first, 2000);
    const second = await order(ann, { amount: 2000 });
    await refund(second, 2000);
    expect(await balance(ann)).toBe(-100);
    await at(20);
    expect(await balance(ann)).toBe(-100);
  });
});

describe("points by hand", () => {
  test("are an admin's to give and take, with a reason, once per key, never below zero", async () => {
    const ann = await member();
    const adjust = (points: number, key: string, reason = "a gift") =>
      runAs(ADMIN, async (api) => {
        await setTestClock(NOON, api);
        const [row] = await api`select loyalty_adjust(${ann}, ${points}, ${key}, ${reason}) as balance`;
        return row?.["balance"];
      });
    expect([await adjust(50, "a"), await adjust(50, "a"), await adjust(-20, "b")]).toEqual([50, 50, 30]);
    expect((await errorOf(adjust(-31, "c"))).message).toBe("not_enough");
    expect(await outcomeOf(adjust(0, "d"))).toBe("22023");
    expect(await outcomeOf(adjust(5, "d", " "))).toBe("22023");
    expect(await outcomeOf(adjust(5, "b"))).toBe("22023");
    expect(await outcomeOf(runAs(STUDENT, (api) => api`select loyalty_adjust(${ann}, 5, 'e', 'mine')`))).toBe(
      "42501",
    );
    expect(await sql`select count(*)::int from amocrm.actions where action = 'loyalty_adjust'`).toEqual([
      { count: 3 },
    ]);
  });
});

describe("another currency", () => {
  test("earns nothing until its day has a rate, which stays with the order", async () => {
    const ann = await member();
    const id = await order(ann, { amount: 1000, day: -20, currency: "RUB" });
    expect(await ledger()).toEqual([]);
    await sql`insert into loyalty_rates (currency, day, rate) values ('RUB', '2031-04-15', 5.5)`;
    expect(await ledger()).toEqual(["earn 275"]);
    await sql`update loyalty_rates set rate = 6 where currency = 'RUB'`;
    await refund(id, 500);
    expect(await ledger()).toEqual(["earn 275", "reverse -138"]);
  });
});
