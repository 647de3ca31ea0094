import { expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { DAY_MS, NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { readLedgers, replay } from "./replay.ts";

const database = await useDatabase();
const { sql } = database;
const further = [database.connect(), database.connect(), database.connect()];
const STEPS = 14;
/** Histories that live side by side, under one clock: what is read of all of them at once costs little more than of one. */
const BATCH = 100;

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
  seed: number;
  random: (below: number) => number;
  members: string[];
  orders: { id: number; amount: number }[];
  spends: { key: string; points: number }[];
  join: number | null;
  isLiked: boolean;
}

/** One step, whose name it returns. What the balance covers is spent, and nothing else is. */
async function step(
  history: History,
  balances: ReadonlyMap<string, number>,
  number: number,
): Promise<string> {
  const { seed, random, members, orders, spends } = history;
  const member = members[random(2)] ?? "";
  const order = orders[random(orders.length || 1)];
  const spend = spends[random(spends.length || 1)];
  const key = `h${seed}:${number}`;
  const balance = balances.get(member) ?? 0;
  switch (random(10)) {
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
    case 8: {
      history.isLiked = !history.isLiked;
      const change = { act: "like", is_on: history.isLiked, account: String(seed), post: "1", item: "1" };
      await sql`select amocrm.take_social('vk', ${number}, amocrm.clock(), ${JSON.stringify(change)}::text::jsonb)`;
      return "like";
    }
    default: {
      const points = 1 + Math.floor(Math.max(balance, 1) / 2);
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

const balancesOf = async (members: readonly string[]): Promise<Map<string, number>> =>
  new Map(
    (await sql`select member_id, balance from loyalty_balance where member_id = any (${[...members]})`).map(
      (row) => [String(row["member_id"]), Number(row["balance"])],
    ),
  );
const givenBack = async (key: string): Promise<number> =>
  Number(
    (
      await sql`select coalesce(sum(given.amount), 0) as points from loyalty_points as spent
        join loyalty_points as given on given.reverses_id = spent.id where spent.source_key = ${key}`
    )[0]?.["points"],
  );

async function live(first: number, count: number): Promise<void> {
  const random = randomOf(first);
  const rows =
    await sql`insert into loyalty_members (mailing) select true from generate_series(1, ${2 * count}) returning id`;
  const histories = Array.from({ length: count }, (_, place): History => {
    const members = rows.slice(2 * place, 2 * place + 2).map(({ id }) => String(id));
    const seed = first + place;
    return { seed, random: randomOf(seed), members, orders: [], spends: [], join: null, isLiked: false };
  });
  const everybody = histories.flatMap(({ members }) => members);
  for (const { members, seed } of histories)
    await sql`insert into loyalty_identities (member_id, provider, external_id, created_at) values (${members[0] ?? ""}, 'vk', ${String(seed)}, ${NOON})`;
  let now = NOON.getTime();
  let balances = new Map<string, number>();
  for (let number = 0; number < STEPS; number += 1) {
    now += random(3) === 0 ? random(200) * DAY_MS : random(DAY_MS);
    await setTestClock(new Date(now), sql, ...further);
    balances = await balancesOf(everybody);
    const done = await Promise.all(histories.map((history) => step(history, balances, number)));
    balances = await balancesOf(everybody);
    // Read apart, what one spent of the other's while they were joined would be nobody's.
    const ledgers = await readLedgers(
      sql,
      histories.map(({ members }) => members),
    );
    histories.forEach(({ seed, members, join }, place) => {
      const ledger = ledgers[place] ?? { rows: [], allocations: [] };
      const whole = replay(ledger, new Date(now));
      const where = [seed, number, done[place]];
      expect([...where, whole.broken]).toEqual([...where, []]);
      const own = (join === null ? members : members.slice(0, 1)).map((member) => balances.get(member) ?? 0);
      const sum = own.reduce((total, balance) => total + balance, 0);
      expect([...where, sum]).toEqual([...where, whole.balance]);
      // Only a reversal leaves less than nothing, and no more than it found uncovered.
      expect([...where, own.every((balance) => balance >= -whole.shownDebt)]).toEqual([...where, true]);
    });
  }
}

// In parts, so that a history that fails is told soon, and each part has a limit that says something.
const FIRST = sized(1, 1000);
const PART = sized(100, 1000);
const PARTS = Array.from({ length: sized(1, 10) }, (_, place) => FIRST + place * PART);
const LIMIT_MS = sized(300_000, 1_800_000);

test.each(PARTS)(
  "any history leaves a balance that its ledger explains, and spends no award twice or after it expired: from %i on",
  async (first) => {
    await sql`insert into loyalty_award_rules (provider, action, points, per_day) values ('vk', 'like', 70, null)`;
    for (let done = 0; done < PART; done += BATCH) {
      await live(first + done, Math.min(BATCH, PART - done));
      // Plans of an empty table read all of it when it has grown.
      if (done === 0) await sql`analyze`;
    }
  },
  LIMIT_MS,
);
