import { z } from "zod";
import { exchange, type HttpParts } from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import { type Seller, SellerError, type SoldOrder } from "../port.ts";
import type { QticketsAccess } from "../settings.ts";
import { readOrder } from "./order.ts";

const TIMEOUT_MS = 20_000;
const PER_PAGE = 100;
const List = z.object({ data: z.array(z.unknown()) });
const Item = z.object({ data: z.unknown() });

/**
 * Qtickets' API, of which we can send nothing but GET: a DELETE refunds tickets, and some POSTs mark them as used. Filters stand in the
 * query string, and one that is not understood is ignored there, so every row is checked against what was asked.
 */
export function createQtickets(access: QticketsAccess, http: HttpParts): Seller {
  async function get(path: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${access.token}`, accept: "application/json" };
    const url = `${access.baseUrl}/api/rest/v1/${path}`;
    const answer = await exchange(http, url, { method: "GET", headers }, TIMEOUT_MS);
    if (answer.kind === "failed") throw new SellerError(`qtickets_${answer.reason}`);
    if (answer.httpStatus === 404) return null;
    if (answer.httpStatus !== 200) throw new SellerError(`qtickets_http_${answer.httpStatus}`);
    const json = answer.bodyFault === null ? parseJson(answer.body) : undefined;
    if (json === undefined) throw new SellerError("qtickets_no_json");
    return json;
  }

  async function list(where: readonly unknown[]): Promise<unknown[]> {
    const query = new URLSearchParams({
      where: JSON.stringify(where),
      orderBy: JSON.stringify({ id: "asc" }),
      per_page: String(PER_PAGE),
    });
    const parsed = List.safeParse(await get(`orders?${query}`));
    if (!parsed.success) throw new SellerError("qtickets_no_list");
    return parsed.data.data;
  }

  async function order(id: string): Promise<SoldOrder | null> {
    const parsed = Item.safeParse(await get(`orders/${encodeURIComponent(id)}`));
    const read = parsed.success ? readOrder(parsed.data.data) : null;
    if (read === null) return null;
    if (read.state !== "read" || read.order.external_id !== id)
      throw new SellerError("qtickets_order_unreadable");
    return read.order;
  }

  return {
    order,
    async pageAfter(id) {
      const rows = (await list([{ column: "id", operator: ">", value: id }])).map(readOrder);
      const orders: SoldOrder[] = [];
      let lastId = id;
      let unreadableCount = 0;
      for (const row of rows) {
        // Years old and from the beginning: that is how an ignored filter looks.
        if (row.id === null || row.id <= lastId) throw new SellerError("qtickets_filter_ignored");
        lastId = row.id;
        if (row.state === "unreadable") unreadableCount += 1;
        else if (row.state === "read") orders.push(row.order);
        else {
          const whole = await order(String(row.id));
          if (whole !== null) orders.push(whole);
        }
      }
      return { orders, lastId: rows.length === 0 ? null : lastId, unreadableCount };
    },
    async orders(ids) {
      const asked = new Set(ids);
      const rows = (await list([{ column: "id", operator: "in", value: ids.map(Number) }])).map(readOrder);
      const found = new Map<string, SoldOrder>();
      for (const row of rows) {
        if (row.state === "read" && asked.has(row.order.external_id))
          found.set(row.order.external_id, row.order);
      }
      // What the list left out, or told without its tickets, is asked for by itself.
      for (const id of ids) {
        if (found.has(id)) continue;
        const one = await order(id);
        if (one !== null) found.set(id, one);
      }
      return [...found.values()];
    },
  };
}
