import { z } from "zod";
import type { SoldOrder } from "../port.ts";

const Money = z.coerce.number().min(0).max(999_999_999_999);
const Time = z.iso.datetime({ offset: true, local: true }).nullish();
const Text = z.union([z.string(), z.number()]).transform(String).nullish();
const Basket = z.object({
  price: Money.nullish(),
  quantity: z.coerce.number().min(0).nullish(),
  refunded_at: z.string().nullish(),
  refunded_amount: Money.nullish(),
  refunded_deduction_amount: Money.nullish(),
});
const Client = z.object({ email: Text, details: z.object({ phone: Text }).nullish().catch(null) }).nullish();

/** The part of an order that we read; whatever else is there may have any shape. */
const Order = z.object({
  id: z.coerce.number().int().positive(),
  payed: z.union([z.boolean(), z.literal([0, 1])]).nullish(),
  payed_at: Time,
  created_at: Time,
  updated_at: Time,
  deleted_at: Time,
  price: Money,
  currency_id: z
    .string()
    .toUpperCase()
    .regex(/^[A-Z]{3}$/)
    .nullish(),
  client_id: Text,
  client: Client.catch(null),
  baskets: z.array(Basket).nullish(),
});

/** An order of Qtickets in our words; `incomplete` for one of a list that came without its tickets. */
export type ReadOrder =
  | { state: "read"; id: number; order: SoldOrder }
  | { state: "incomplete"; id: number }
  | { state: "unreadable"; id: number | null };

/** Reads one order as the API or a hook tells it. Never throws. */
export function readOrder(json: unknown): ReadOrder {
  const parsed = Order.safeParse(json);
  if (!parsed.success) return { state: "unreadable", id: idOf(json) };
  const order = parsed.data;
  if (order.baskets === null || order.baskets === undefined) return { state: "incomplete", id: order.id };
  const refunded = order.baskets.reduce((sum, basket) => sum + refundOf(basket), 0);
  const updatedAt = timeOf(order.updated_at) ?? timeOf(order.payed_at) ?? timeOf(order.created_at);
  if (updatedAt === null) return { state: "unreadable", id: order.id };
  const isPaid = order.payed === true || order.payed === 1 || (order.payed == null && order.payed_at != null);
  return {
    state: "read",
    id: order.id,
    order: {
      external_id: String(order.id),
      email: order.client?.email ?? null,
      phone: order.client?.details?.phone ?? null,
      client_id: order.client_id ?? null,
      amount: order.price,
      refunded_amount: Math.round(refunded * 100) / 100,
      currency: order.currency_id ?? null,
      ordered_at: timeOf(order.created_at),
      paid_at: isPaid ? (timeOf(order.payed_at) ?? updatedAt) : null,
      updated_at: updatedAt,
      deleted_at: timeOf(order.deleted_at),
    },
  };
}

/** Refunds are told per ticket, and may be a part of its price. */
function refundOf(basket: z.output<typeof Basket>): number {
  if (basket.refunded_amount != null) return basket.refunded_amount;
  if (basket.refunded_at == null) return 0;
  return Math.max(0, (basket.price ?? 0) * (basket.quantity ?? 1) - (basket.refunded_deduction_amount ?? 0));
}

/** A time without a zone is Moscow's, as in the cabinet. */
function timeOf(text: string | null | undefined): string | null {
  if (text == null) return null;
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}+03:00`;
}

function idOf(json: unknown): number | null {
  const parsed = z.object({ id: z.coerce.number().int().positive() }).safeParse(json);
  return parsed.success ? parsed.data.id : null;
}
