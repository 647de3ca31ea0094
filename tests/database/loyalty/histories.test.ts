import { expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { DAY_MS, NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { replay } from "./replay.ts";

const database = await useDatabase();
const { sql } = database;
const further = [database.connect(), database.connect(), database.connect()];
const STEPS = 14;

/** Mulberry32: the same seed is the same history. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

interface History {
  members: string[];
  orders: { id: number; amount: number }[];
  spends: { key: string; points: number }[];
  join: number | null;
}

/** One step, whose name it returns. What the balance covers is spent, and nothing else is. */
async function step(
  history: History,
  random: (below: number) => number,
  now: Date,
  seed: number,
  number: number,
) {
  const { members, orders, spends } = history;
  const member = members[random(2)] ?? "";
  const order = orders[random(orders.length || 1)];
  const spend = spends[random(spends.length || 1)];
  const key = `h${seed}:${number}`;
  const balance = await balanceOf(member);
  switch (random(9)) {
    case 0:
    case 1:
    case 2: {
      const amount = 100 + random(90_000);
      const [row] = await sql`insert into loyalty_orders (provider, external_id, member_id, amount, paid_at)
        values ('manual', ${key}, ${member}, ${amount}, amocrm.clock() - ${random(40)} * interval '1 day') returning id`;
      orders.push({ id: row?.["id"], amount });
      return "order";
    }
    case 3:
      if (order === undefined) return "nothing";
      await sql`update loyalty_orders set refunded_amount = ${random(3) === 0 ? order.amount : random(order.amount + 1)},
        deleted_at = ${random(6) === 0 ? NOON : null} where id = ${order.id}`;
      return "refund of an order";
    case 4:
    case 5: {
      const points = 1 + random(Math.max(balance, 20) + Math.floor(Math.max(balance, 0) / 4));
      const outcome = await outcomeOf(sql`select loyalty_spend(${member}, ${points}, ${key})`);
      expect([seed, number, outcome]).toEqual([seed, number, points <= balance ? "ok" : "P0001"]);
      if (outcome === "ok") spends.push({ key, points });
      return "spend";
    }
    case 6: {
      if (spend === undefined) return "nothing";
      const points = 1 + random(spend.points);
      const before = await givenBack(spend.key);
      await sql`select loyalty_refund(${spend.key}, ${points})`;
      const after = await givenBack(spend.key);
      expect([seed, after]).toEqual([seed, Math.min(before + points, spend.points)]);
      return "return of a spend";
    }
    case 7:
      if (history.join === null) {
        const [row] = await sql`select loyalty_join(${members[0] ?? ""}, ${members[1] ?? ""}) as id`;
        history.join = row?.["id"];
      } else {
        await sql`select loyalty_unjoin(${history.join})`;
        history.join = null;
      }
      return "join";
    default: {
      const points = 1 + Math.floor(Math.max(balance, 1) / 2);
      await setTestClock(now, ...further);
      const outcomes = await Promise.all(
        further.map((session, index) =>
          outcomeOf(session`select loyalty_spend(${member}, ${points}, ${`${key}:${index}`})`),
        ),
      );
      const taken = outcomes.filter((outcome) => outcome === "ok").length;
      expect([seed, taken]).toEqual([
        seed,
        Math.min(further.length, Math.floor(Math.max(balance, 0) / points)),
      ]);
      outcomes.forEach((outcome, index) => {
        if (outcome === "ok") spends.push({ key: `${key}:${index}`, points });
      });
      return "spends at the same moment";
    }
  }
}

const balanceOf = async (member: string): Promise<number> =>
  Number((await sql`select balance from loyalty_balance where member_id = ${member}`)[0]?.["balance"]);
const givenBack = async (key: string): Promise<number> =>
  Number(
    (
      await sql`select coalesce(sum(given.amount), 0) as points from loyalty_points as spent
        join loyalty_points as given on given.reverses_id = spent.id where spent.source_key = ${key}`
    )[0]?.["points"],
  );

async function live(seed: number): Promise<void> {
  const random = randomOf(seed);
  const members = [
    ...(await sql`insert into loyalty_members (mailing) values (true), (true) returning id`),
  ].map(({ id }) => String(id));
  const history: History = { members, orders: [], spends: [], join: null };
  let now = NOON.getTime();
  for (let number = 0; number < STEPS; number += 1) {
    now += random(3) === 0 ? random(200) * DAY_MS : random(DAY_MS);
    await setTestClock(new Date(now), sql);
    const done = await step(history, random, new Date(now), seed, number);
    const families = history.join === null ? members.map((member) => [member]) : [members];
    // Read apart, what one spent of the other's while they were joined would be nobody's.
    const whole = await replay(sql, members, new Date(now));
    expect([seed, number, done, whole.broken]).toEqual([seed, number, done, []]);
    const balances = await Promise.all(families.map(([member = ""]) => balanceOf(member)));
    expect([seed, number, done, balances.reduce((sum, balance) => sum + balance, 0)]).toEqual([
      seed,
      number,
      done,
      whole.balance,
    ]);
    // Only a reversal leaves less than nothing, and no more than it found uncovered.
    for (const balance of balances) {
      expect([seed, number, done, balance >= -whole.shownDebt]).toEqual([seed, number, done, true]);
    }
  }
}

test("any history leaves a balance that its ledger explains, and spends no award twice or after it expired", async () => {
  const first = sized(1, 1000);
  for (let seed = first; seed < first + sized(100, 10_000); seed += 1) await live(seed);
});
