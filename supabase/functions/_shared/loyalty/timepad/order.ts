import { z } from "zod";
import type { SoldOrder } from "../port.ts";

const Money = z.coerce.number().min(0).max(999_999_999_999);
const Text = z.union([z.string(), z.number()]).transform(String).nullish();
const Time = z.string().max(40).nullish();

/** The part of an order that we read; whatever else is there may have any shape. */
const Order = z.object({
  id: z.union([z.string().min(1).max(100), z.int()]).transform(String),
  created_at: Time,
  status: z.object({ name: z.string() }).nullish(),
  mail: Text.catch(null),
  payment: z.object({ amount: Money.nullish(), paid_at: Time }).nullish(),
});

/** Whole orders that were given back or never count, in TimePad's words; a mere request to give back is none of them. */
const GONE = /^(?:returned?|refund|return_(?:tickets|org|done)|deleted|cancell?ed|rejected|inactive|blocked)/;
const UNPAID = /^(?:notpaid|booked|pending|expired|new)/;

/** Reads one order of an event; null for one in a shape that we do not know. Never throws. */
export function readTimepadOrder(json: unknown): SoldOrder | null {
  const parsed = Order.safeParse(json);
  if (!parsed.success) return null;
  const { id, created_at, status, mail, payment } = parsed.data;
  const name = status?.name.toLowerCase() ?? "";
  const createdAt = timeOf(created_at);
  const paidAt = timeOf(payment?.paid_at);
  const isPaid = !UNPAID.test(name) && (paidAt !== null || /^(?:paid|ok$)/.test(name));
  if (isPaid && paidAt === null && createdAt === null) return null;
  return {
    external_id: id,
    email: mail ?? null,
    phone: null,
    client_id: null,
    amount: Math.round((payment?.amount ?? 0) * 100) / 100,
    refunded_amount: 0,
    // It sells in roubles.
    currency: "RUB",
    ordered_at: createdAt,
    paid_at: isPaid ? (paidAt ?? createdAt) : null,
    updated_at: null,
    // Not the hour of the reading: the same order is to look the same the next time.
    deleted_at: GONE.test(name) ? (paidAt ?? createdAt) : null,
  };
}

/** `2015-07-24T18:01:12+0300`; a time without a zone is Moscow's. */
function timeOf(text: string | null | undefined): string | null {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(
    text ?? "",
  );
  if (found === null) return null;
  const iso = `${found[1]}T${found[2]}${found[3] ?? "+03:00"}`;
  return Number.isNaN(Date.parse(iso.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"))) ? null : iso;
}
