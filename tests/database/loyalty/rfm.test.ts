import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { dayPlus, openLoyalty } from "../support/loyalty.ts";

const { sql } = await useDatabase();
const { member, order, refund, balance } = openLoyalty(sql);
const recompute = async () => (await sql`select loyalty_recompute() as counts`)[0]?.["counts"];
const scores = async (who: string) =>
  (
    await sql`select recency_score as r, frequency_score as f, monetary_score as m, segment from loyalty_rfm where member_id = ${who}`
  ).map(({ r, f, m, segment }) => `${r}${f}${m} ${segment}`)[0];
beforeEach(async () => {
  await setTestClock(NOON, sql);
  await sql`delete from loyalty_rfm_thresholds where true`;
});

describe("scores", () => {
  test("are quantiles of distinct values: equal values get equal scores, 5 is best", async () => {
    const who: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      const one = await member();
      who.push(one);
      // Eight of twelve bought the same on the same day.
      await order(one, {
        amount: index < 8 ? 1000 : 1000 * (index - 6),
        day: index < 8 ? -100 : -(index - 7),
      });
    }
    await recompute();
    const all = await Promise.all(who.map(scores));
    expect(new Set(all.slice(0, 8))).toEqual(new Set(["151 at_risk"]));
    expect(all.slice(8)).toEqual(["552 loyal", "453 loyal", "354 loyal", "255 cannot_lose"]);
  });

  test("are the best for the only one, and nobody without an order has any", async () => {
    const [ann, bob, cat] = [await member(), await member(), await member()];
    await order(ann, { amount: 10 });
    await order(bob, { amount: 500, refunded: 500 });
    expect(await recompute()).toMatchObject({ members: 1 });
    expect(await scores(ann)).toBe("555 champions");
    expect([await scores(bob), await scores(cat)]).toEqual([undefined, undefined]);
  });

  test("go by thresholds where a dimension has rows, and count local days", async () => {
    const ann = await member();
    await sql`insert into loyalty_rfm_thresholds (dimension, score, value) values ('recency', 5, 0), ('recency', 4, 1), ('monetary', 3, 1000)`;
    // 20:00 UTC is the next day in Almaty: yesterday's evening there is one day ago.
    await order(ann, { amount: 999, day: -0.7 });
    await recompute();
    expect(await scores(ann)).toMatch(/^551 /);
    await setTestClock(new Date("2031-05-05T20:00:00.000Z"), sql);
    await order(ann, { amount: 1, day: -0.7 });
    await recompute();
    expect(await scores(ann)).toMatch(/^453 /);
    await setTestClock(dayPlus(3), sql);
    await recompute();
    expect(await scores(ann)).toMatch(/^153 /);
  });

  test("are those of joined members together", async () => {
    const [ann, bob] = [await member(), await member()];
    await order(ann, { amount: 100 });
    await order(bob, { amount: 200 });
    await sql`select loyalty_join(${ann}, ${bob})`;
    await recompute();
    expect(await sql`select member_id, frequency, monetary::int from loyalty_rfm`).toEqual([
      { member_id: ann, frequency: 2, monetary: 300 },
    ]);
  });
});

describe("the history of segments", () => {
  test("has each change once, none at the first computation, and the end when all is refunded", async () => {
    const [ann, bob] = [await member(), await member()];
    const id = await order(ann, { amount: 1000, day: -50 });
    await recompute();
    await recompute();
    expect(await sql`select count(*)::int from loyalty_changes`).toEqual([{ count: 0 }]);
    await order(bob, { amount: 2000 });
    await recompute();
    await recompute();
    await refund(id, 1000);
    await recompute();
    const changes =
      await sql`select member_id, from_value, to_value from loyalty_changes where event = 'loyalty.segment_changed' order by id`;
    expect(
      changes.filter((row) => row["member_id"] === ann).map((row) => [row["from_value"], row["to_value"]]),
    ).toEqual([
      ["champions", "loyal"],
      ["loyal", null],
    ]);
    expect(changes.filter((row) => row["member_id"] === bob)).toHaveLength(1);
  });
});

describe("the night", () => {
  test("books what expired and warns once of what will", async () => {
    const ann = await member();
    await order(ann, { amount: 2000, day: -355 });
    await recompute();
    await recompute();
    expect(await sql`select event, to_value from loyalty_changes`).toEqual([
      { event: "loyalty.points_expiring", to_value: "100" },
    ]);
    await setTestClock(dayPlus(20), sql);
    expect(await recompute()).toMatchObject({ expired_awards: 1 });
    expect(await sql`select kind, amount from loyalty_points order by id`).toEqual([
      { kind: "earn", amount: 100 },
      { kind: "expire", amount: -100 },
    ]);
    expect(await balance(ann)).toBe(0);
  });
});
