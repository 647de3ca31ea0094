import { beforeEach, describe, expect, test } from "vitest";
import { createTimepad } from "#shared/loyalty/adapters.ts";
import { createOrderStore, timepadEventsDue } from "#shared/loyalty/store.ts";
import { pullTimepad } from "#shared/loyalty/timepad-pull.ts";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openRpc } from "../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(service);

/** TimePad's list of orders of one event, in memory; anything but a GET with its filter in the query string is a mistake. */
interface Timepad {
  orders: Map<number, Record<string, unknown>[]>;
  requests: string[];
  ignoresSkip: boolean;
}
let timepad: Timepad;
let nowMs = NOON.getTime();
const clock = { nowMs: () => nowMs, sleep: () => new Promise<void>(() => {}) };
const fetchTimepad = async (address: string, init: RequestInit): Promise<Response> => {
  const url = new URL(address);
  timepad.requests.push(`${init.method} ${url.pathname}${url.search}`);
  if (init.method !== "GET" || init.body != null) throw new Error("only GET is allowed");
  if (new Headers(init.headers).get("authorization") !== "Bearer token")
    return new Response("", { status: 401 });
  const event = Number(/^\/v1\/events\/(\d+)\/orders$/.exec(url.pathname)?.[1]);
  const all = timepad.orders.get(event) ?? [];
  const skip = timepad.ignoresSkip ? 0 : Number(url.searchParams.get("skip"));
  // Ten unless it is asked for more, and 250 at most.
  const limit = Math.min(Number(url.searchParams.get("limit") ?? 10), 250);
  return Response.json({ total: all.length, values: all.slice(skip, skip + limit) });
};
const pull = (isNightly = false) =>
  pullTimepad(
    {
      seller: createTimepad(
        { token: "token", baseUrl: "https://timepad.example" },
        { fetch: fetchTimepad, clock },
      ),
      store: createOrderStore(rpc, "timepad"),
      due: (isAsked) => timepadEventsDue(rpc, isAsked),
      clock,
      log: () => {},
      newToken: () => crypto.randomUUID(),
    },
    isNightly,
  );
const order = (id: number, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  created_at: "2031-05-04T18:01:12+0300",
  status: { name: "paid", title: "оплачено" },
  mail: `guest${id}@example.com`,
  payment: { amount: 1000, paid_at: "2031-05-04T18:03:00+0300", payment_type: "card" },
  tickets: [{ id: id * 10 }],
  ...change,
});
const stored = () =>
  sql`select external_id, amount::int, currency, paid_at is not null as is_paid, deleted_at is not null as is_gone
    from loyalty_orders order by external_id::int`;

beforeEach(async () => {
  timepad = { orders: new Map(), requests: [], ignoresSkip: false };
  nowMs = NOON.getTime();
  await setTestClock(NOON, sql, service);
  await sql`update amocrm.loyalty_sources set begun_at = null, pulled_at = null, nightly_at = null, nightly_ended_at = null,
    lease_token = null, lease_expires_at = null, error = null, error_at = null where provider = 'timepad'`;
  await sql`truncate loyalty_timepad_events`;
  await service`insert into loyalty_timepad_events (event_id, is_on) values (7, true), (8, false)`;
});

describe("orders of TimePad", () => {
  test("are read for the events that are on, each once, and one that is as we have it changes nothing", async () => {
    timepad.orders.set(
      7,
      Array.from({ length: 600 }, (_, index) => order(index + 1)),
    );
    timepad.orders.set(8, [order(9001)]);
    await pull();
    await pull(true);
    expect(timepad.requests.slice(0, 3)).toEqual([
      "GET /v1/events/7/orders?limit=250&skip=0",
      "GET /v1/events/7/orders?limit=250&skip=250",
      "GET /v1/events/7/orders?limit=250&skip=500",
    ]);
    expect(timepad.requests).toHaveLength(6);
    const [counts] = await sql`select count(*)::int as orders, count(distinct member_id)::int as members,
      count(distinct xmin::text)::int as writes from loyalty_orders where provider = 'timepad'`;
    // Three pages, three transactions: the second reading wrote nothing.
    expect(counts).toEqual({ orders: 600, members: 600, writes: 3 });
    // Buying is no consent to mails.
    expect(await sql`select from loyalty_members where mailing`).toHaveLength(0);
    // A call for another seller's sake does not read them all again.
    await pull();
    expect(timepad.requests).toHaveLength(6);
  });

  test("follow what becomes of them: paid later, given back, and given back no more", async () => {
    await service`insert into loyalty_rates (currency, day, rate) values ('RUB', '2031-05-04', 5)`;
    const unpaid = order(1, { status: { name: "notpaid" }, payment: { amount: 1000, paid_at: null } });
    timepad.orders.set(7, [unpaid]);
    await pull(true);
    expect(await stored()).toMatchObject([{ is_paid: false }]);
    const earned = async () =>
      Number((await sql`select coalesce(sum(amount), 0)::int as sum from loyalty_points`)[0]?.["sum"]);
    timepad.orders.set(7, [order(1)]);
    await pull(true);
    expect(await stored()).toEqual([
      { external_id: "1", amount: 1000, currency: "RUB", is_paid: true, is_gone: false },
    ]);
    expect(await earned()).toBe(250);
    timepad.orders.set(7, [order(1, { status: { name: "returned" } })]);
    await pull(true);
    expect(await earned()).toBe(0);
    timepad.orders.set(7, [order(1)]);
    await pull(true);
    expect(await earned()).toBe(250);
  });

  test("of another event or on a page that comes again stop the run with a code, and one that nobody can read stops no other", async () => {
    timepad.orders.set(7, [order(1), { id: 2, created_at: null, status: null, payment: { amount: "much" } }]);
    await pull(true);
    const error = async () =>
      (await sql`select error from amocrm.loyalty_sources where provider = 'timepad'`)[0]?.["error"];
    expect(await error()).toBe("unreadable_orders");
    expect(await stored()).toHaveLength(1);
    timepad.orders.set(7, [order(3, { event: { id: 8 } })]);
    await pull(true);
    expect(await error()).toBe("timepad_filter_ignored");
    timepad.orders.set(
      7,
      Array.from({ length: 300 }, (_, index) => order(index + 1)),
    );
    timepad.ignoresSkip = true;
    await pull(true);
    expect(await error()).toBe("timepad_filter_ignored");
  });
});

describe("orders by hand", () => {
  test("count once, and each row says what became of it", async () => {
    const rows = [
      { external_id: "a1", email: "Ada@Example.com", amount: "12000", paid_at: "2031-05-04T10:00:00Z" },
      { external_id: "", email: "x@example.com", amount: "1", paid_at: "2031-05-04" },
      { external_id: "a2", email: "no address", amount: "1", paid_at: "2031-05-04" },
      { external_id: "a3", phone: "+77011234567", amount: "1 000", paid_at: "2031-05-04" },
      {
        external_id: "a4",
        phone: "+77011234567",
        amount: "1000.50",
        refunded_amount: "2000",
        paid_at: "2031-05-04",
      },
      { external_id: "a5", phone: "+77011234567", amount: "1000.50", paid_at: "2031-99-30" },
      { external_id: "a6", phone: "+77011234567", amount: 1000.5, paid_at: "2031-05-04 12:00+05" },
    ];
    const put = () =>
      service`select row_number, external_id, outcome from loyalty_import(${JSON.stringify(rows)}::text::jsonb) order by 1`;
    expect((await put()).map(({ outcome }) => outcome)).toEqual([
      "new",
      "error: external_id is missing",
      "error: email is not an e-mail address",
      "error: amount is not a sum of money",
      "error: refunded_amount is not a part of the amount",
      "error: 22008",
      "new",
    ]);
    expect((await put()).map(({ outcome }) => outcome).filter((one) => !one.startsWith("error"))).toEqual([
      "known",
      "known",
    ]);
    Object.assign(rows[0] ?? {}, { refunded_amount: "2000" });
    expect((await put())[0]?.["outcome"]).toBe("changed");
    expect(await sql`select count(*)::int as count from loyalty_orders`).toEqual([{ count: 2 }]);
    const [points] = await sql`select sum(amount)::int as sum from loyalty_points`;
    expect(points?.["sum"]).toBe(500 + 50);
  });

  test("come as CSV with commas or semicolons, quotes and line breaks", async () => {
    const csv =
      '\uFEFFexternal_id;email;amount;paid_at;note\r\nb1;ada@example.com;1000;2031-05-04;"said ""yes""; then\nleft"\r\n\r\nb2;;5;2031-05-04;\r\n';
    expect(await service`select * from loyalty_import_csv(${csv}) order by 1`).toEqual([
      { row_number: 1, external_id: "b1", outcome: "new" },
      {
        row_number: 2,
        external_id: "b2",
        outcome: "error: neither an e-mail address nor a phone number was given",
      },
    ]);
    await expect(service`select loyalty_import_csv('id,sum\n1,2')`).rejects.toThrow(
      "the first line of p_csv must name",
    );
  });
});
