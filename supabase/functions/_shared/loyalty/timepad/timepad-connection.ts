import { z } from "zod";
import { exchange, type HttpParts } from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import { type EventSeller, SellerError, type SoldOrder } from "../port.ts";
import type { TimepadAccess } from "../timepad-settings.ts";
import { readTimepadOrder } from "./order.ts";

const TIMEOUT_MS = 20_000;
/** As many as TimePad gives in one answer. */
const PER_PAGE = 250;
const Page = z.object({ total: z.coerce.number().int().min(0), values: z.array(z.unknown()) });
const Belonging = z.looseObject({ event: z.looseObject({ id: z.coerce.number() }) });

/** TimePad's API, of which nothing but orders is read, by GET. */
export function createTimepad(access: TimepadAccess, http: HttpParts): EventSeller {
  return {
    async page(eventId, skip) {
      const query = new URLSearchParams({ limit: String(PER_PAGE), skip: String(skip) });
      const url = `${access.baseUrl}/v1/events/${eventId}/orders?${query}`;
      const headers = { authorization: `Bearer ${access.token}`, accept: "application/json" };
      const answer = await exchange(http, url, { method: "GET", headers }, TIMEOUT_MS);
      if (answer.kind === "failed") throw new SellerError(`timepad_${answer.reason}`);
      if (answer.httpStatus !== 200) throw new SellerError(`timepad_http_${answer.httpStatus}`);
      const parsed = Page.safeParse(answer.bodyFault === null ? parseJson(answer.body) : undefined);
      if (!parsed.success) throw new SellerError("timepad_no_list");
      const { total, values } = parsed.data;
      const orders: SoldOrder[] = [];
      let unreadableCount = 0;
      for (const row of values) {
        const belonging = Belonging.safeParse(row);
        if (belonging.success && belonging.data.event.id !== eventId)
          throw new SellerError("timepad_filter_ignored");
        const order = readTimepadOrder(row);
        if (order === null) unreadableCount += 1;
        else orders.push(order);
      }
      return { orders, total, count: values.length, unreadableCount };
    },
  };
}
