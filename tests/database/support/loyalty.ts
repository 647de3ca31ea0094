import { DAY_MS, NOON, noonPlus } from "./clock.ts";
import type { Session } from "./database.ts";

interface Order {
  id?: string;
  /** Days from noon at which it was paid; null for an unpaid one. */
  day?: number | null;
  amount: number;
  refunded?: number;
  currency?: string;
}

/** Members, orders and points as a project's own SQL puts them in. */
export interface Loyalty {
  member(): Promise<string>;
  /** Returns the order's external_id. */
  order(member: string, order: Order): Promise<string>;
  refund(order: string, amount: number): Promise<void>;
  spend(member: string, points: number, key?: string): Promise<number>;
  giveBack(key: string, points?: number): Promise<number | null>;
  balance(member: string): Promise<number>;
  card(member: string): Promise<Record<string, unknown>>;
  percents(): Promise<number[]>;
}

export const dayPlus = (days: number): Date => noonPlus(days * DAY_MS);

export function openLoyalty(sql: Session): Loyalty {
  let count = 0;
  const one = async (rows: Promise<readonly Record<string, unknown>[]>): Promise<Record<string, unknown>> =>
    (await rows)[0] ?? {};
  const number = (value: unknown): number => Number(value);
  return {
    member: async () =>
      String((await one(sql`insert into loyalty_members default values returning id`))["id"]),
    async order(member, { id, day = 0, amount, refunded = 0, currency = "KZT" }) {
      count += 1;
      const external = id ?? `order-${count}`;
      const paidAt = day === null ? null : new Date(NOON.getTime() + day * DAY_MS);
      await sql`insert into loyalty_orders (provider, external_id, member_id, amount, refunded_amount, currency, paid_at)
        values ('manual', ${external}, ${member}, ${amount}, ${refunded}, ${currency}, ${paidAt})`;
      return external;
    },
    async refund(order, amount) {
      await sql`update loyalty_orders set refunded_amount = ${amount} where external_id = ${order}`;
    },
    async spend(member, points, key = `spend-${++count}`) {
      return number(
        (await one(sql`select loyalty_spend(${member}, ${points}, ${key}) as balance`))["balance"],
      );
    },
    async giveBack(key, points) {
      const { balance } = await one(sql`select loyalty_refund(${key}, ${points ?? null}) as balance`);
      return balance === null ? null : number(balance);
    },
    async balance(member) {
      return number(
        (await one(sql`select balance from loyalty_balance where member_id = ${member}`))["balance"],
      );
    },
    card: (member) => one(sql`select * from loyalty_card where member_id = ${member}`),
    percents: async () =>
      (await sql`select percent from loyalty_orders order by paid_at, id`).map(({ percent }) =>
        Number(percent),
      ),
  };
}
