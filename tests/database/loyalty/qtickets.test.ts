import { beforeEach, describe, expect, test } from "vitest";
import { createQticketsSimulator, type SimulatedOrder } from "#dev/qtickets-simulator/simulator.ts";
import { createQtickets } from "#shared/loyalty/adapters.ts";
import { pullOrders } from "#shared/loyalty/pull.ts";
import { answerQticketsHook } from "#shared/loyalty/qtickets-hook.ts";
import { createOrderStore } from "#shared/loyalty/store.ts";
import { createInbox } from "#shared/outbox/inbox/store.ts";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { dayPlus } from "../support/loyalty.ts";
import { openRpc } from "../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(service);
const inbox = createInbox(rpc, "qtickets");
const SECRET = "hook-secret";
let simulator = createQticketsSimulator("token", SECRET);
let nowMs = NOON.getTime();

const at = async (day: number) => {
  nowMs = dayPlus(day).getTime();
  await setTestClock(dayPlus(day), sql, service);
};
beforeEach(async () => {
  simulator = createQticketsSimulator("token", SECRET);
  await sql`update amocrm.loyalty_sources set last_id = 0, begun_at = null, pulled_at = null, nightly_at = null, nightly_ended_at = null,
    lease_token = null, lease_expires_at = null, error = null, error_at = null, cut_count = 0 where provider = 'qtickets'`;
  await at(0);
});

const clock = { nowMs: () => nowMs, sleep: () => new Promise<void>(() => {}) };
const pull = (isNightly = false) =>
  pullOrders(
    {
      seller: createQtickets(
        { token: "token", baseUrl: "https://qtickets.example" },
        { fetch: simulator.fetch, clock },
      ),
      store: createOrderStore(rpc, "qtickets"),
      inbox,
      clock,
      log: () => {},
      newToken: () => crypto.randomUUID(),
    },
    isNightly,
  );
const tell = async (request: Request) =>
  (await answerQticketsHook(request, { secret: SECRET, inbox, log: () => {} })).status;

function sell(id: number, change: Partial<SimulatedOrder> = {}): SimulatedOrder {
  const order: SimulatedOrder = {
    id,
    payed: true,
    payed_at: new Date(nowMs).toISOString(),
    created_at: new Date(nowMs).toISOString(),
    updated_at: new Date(nowMs).toISOString(),
    deleted_at: null,
    price: 1000,
    currency_id: "KZT",
    client_id: id,
    client: { id, email: `guest${id}@example.com`, details: { phone: null } },
    baskets: [
      { id: id * 10, price: 500, quantity: 1, refunded_at: null, refunded_amount: null },
      { id: id * 10 + 1, price: 500, quantity: 1, refunded_at: null, refunded_amount: null },
    ],
    ...change,
  };
  simulator.orders.set(id, order);
  return order;
}
const orders = async () =>
  (
    await sql`select external_id, amount, refunded_amount, paid_at is not null as is_paid from loyalty_orders order by id`
  ).map(
    (row) =>
      `${row["external_id"]} ${Number(row["amount"])} ${Number(row["refunded_amount"])} ${row["is_paid"]}`,
  );
const points = async () =>
  (await sql`select amount from loyalty_points order by id`).map(({ amount }) => amount);

describe("an order of Qtickets", () => {
  test("told three times by webhook and twice by pull is one", async () => {
    const order = sell(7);
    for (let time = 0; time < 3; time += 1) expect(await tell(simulator.hook("payed", order))).toBe(200);
    await pull();
    expect(await tell(simulator.hook("updated", order))).toBe(200);
    await pull();
    expect(await orders()).toEqual(["7 1000 0 true"]);
    expect(await points()).toEqual([50]);
    expect(await sql`select count(*)::int from loyalty_members`).toEqual([{ count: 1 }]);
    expect(simulator.requests.every((request) => request.startsWith("GET /api/rest/v1/orders"))).toBe(true);
  });

  test("that is not paid makes no member; paid later it does, and a hook does not move the cursor", async () => {
    sell(5);
    const booked = sell(9, { payed: false, payed_at: null });
    await tell(simulator.hook("created", booked));
    await pull();
    expect(await orders()).toEqual(["9 1000 0 false", "5 1000 0 true"]);
    sell(6);
    sell(9, { updated_at: noonPlus(1000).toISOString() });
    await tell(simulator.hook("payed", simulator.orders.get(9) ?? booked));
    await pull();
    expect((await orders()).toSorted()).toEqual(["5 1000 0 true", "9 1000 0 true"]);
  });

  test("is refunded ticket by ticket, and an older version changes nothing", async () => {
    const order = sell(7);
    await pull();
    const refunded = structuredClone(order);
    refunded.updated_at = noonPlus(60_000).toISOString();
    Object.assign(refunded.baskets[0] ?? {}, { refunded_at: refunded.updated_at, refunded_amount: 400 });
    simulator.orders.set(7, refunded);
    await tell(simulator.hook("refunded", refunded));
    await pull();
    expect(await orders()).toEqual(["7 1000 400 true"]);
    expect(await points()).toEqual([50, -20]);
    simulator.orders.set(7, order);
    await tell(simulator.hook("updated", order));
    await pull();
    expect(await orders()).toEqual(["7 1000 400 true"]);
  });

  test("with more refunded than paid is cut, with an alert", async () => {
    const order = sell(7);
    Object.assign(order.baskets[0] ?? {}, { refunded_amount: 5000 });
    await pull();
    expect(await orders()).toEqual(["7 1000 1000 true"]);
    expect(await sql`select code from amocrm.loyalty_conditions()`).toEqual([{ code: "loyalty_refund_cut" }]);
  });
});

describe("the nightly reading", () => {
  test("brings every order of which a webhook was lost, paid, refunded, deleted and restored ones", async () => {
    const lost = (id: number) => id % 20 === 0;
    const toldOf = async (event: string, id: number) => {
      const order = simulator.orders.get(id);
      if (order !== undefined && !lost(id)) expect(await tell(simulator.hook(event, order))).toBe(200);
    };
    const ids = Array.from({ length: 100 }, (_, index) => index + 1);
    for (const id of ids) {
      sell(id, id % 4 === 0 ? { payed: false, payed_at: null } : {});
      await toldOf("created", id);
    }
    await pull();
    await at(1);
    for (const id of ids) {
      const order = simulator.orders.get(id);
      if (order === undefined) continue;
      order.updated_at = new Date(nowMs).toISOString();
      if (id % 4 === 0) Object.assign(order, { payed: true, payed_at: order.updated_at });
      else if (id % 5 === 0) Object.assign(order.baskets[1] ?? {}, { refunded_amount: 500 });
      else if (id % 7 === 0) order.deleted_at = order.updated_at;
      else continue;
      await toldOf("updated", id);
    }
    await at(2);
    await pull(true);
    const rows = await sql`select external_id, refunded_amount, paid_at, deleted_at from loyalty_orders`;
    expect(rows).toHaveLength(100);
    for (const row of rows) {
      const order = simulator.orders.get(Number(row["external_id"]));
      expect([
        row["external_id"],
        Number(row["refunded_amount"]),
        row["paid_at"] !== null,
        row["deleted_at"] !== null,
      ]).toEqual([
        row["external_id"],
        order?.baskets[1]?.refunded_amount ?? 0,
        true,
        order?.deleted_at !== null,
      ]);
    }
    const before = simulator.requests.length;
    await pull();
    expect(simulator.requests.length - before).toBe(1);
  });

  test("leaves old paid orders alone, and what the seller has no more", async () => {
    sell(1);
    await at(80);
    sell(2);
    await pull();
    await at(100);
    simulator.orders.delete(2);
    simulator.requests.length = 0;
    await pull(true);
    expect(simulator.requests.filter((request) => request.includes("/orders/"))).toEqual([
      "GET /api/rest/v1/orders/2",
    ]);
    expect(await orders()).toHaveLength(2);
  });
});

describe("a seller that does not keep to its word", () => {
  test("and ignores the filter is not believed, and the cursor stays", async () => {
    for (const id of [1, 2, 3]) sell(id);
    await pull();
    simulator.faults.ignoresFilters = true;
    expect(await pull()).toEqual({ code: "qtickets_filter_ignored" });
    expect(await sql`select code, detail from amocrm.loyalty_conditions()`).toEqual([
      { code: "loyalty_pull_failing", detail: "Orders of qtickets are not read: qtickets_filter_ignored" },
    ]);
    simulator.faults.ignoresFilters = false;
    sell(4);
    await pull();
    expect(await orders()).toHaveLength(4);
    expect(await sql`select code from amocrm.loyalty_conditions()`).toEqual([]);
  });

  test("and leaves tickets out of its lists is asked for each order", async () => {
    sell(1);
    simulator.faults.leavesTicketsOut = true;
    await pull();
    expect(await orders()).toEqual(["1 1000 0 true"]);
  });

  test("and is down for hours loses no hook", async () => {
    const order = sell(1);
    await tell(simulator.hook("payed", order));
    simulator.faults.status = 503;
    expect(await pull()).toEqual({ code: "qtickets_http_503" });
    delete simulator.faults.status;
    await at(0.5);
    expect(await pull()).toMatchObject({ hints: 1 });
  });
});

describe("whoever is not Qtickets", () => {
  test.each([
    ["no signature", (headers: Headers) => headers.delete("x-signature")],
    ["another signature", (headers: Headers) => headers.set("x-signature", "0".repeat(40))],
    ["no hex", (headers: Headers) => headers.set("x-signature", "z".repeat(40))],
    ["a longer one", (headers: Headers) => headers.set("x-signature", "0".repeat(64))],
  ])("is refused: %s", async (_, change) => {
    const request = simulator.hook("payed", sell(1));
    const headers = new Headers(request.headers);
    change(headers);
    expect(await tell(new Request(request, { headers }))).toBe(401);
    expect(await sql`select count(*)::int from amocrm.inbox`).toEqual([{ count: 0 }]);
  });

  test("learns nothing by GET, nor where there is no secret; a body that is too large is not read", async () => {
    expect(await tell(new Request("https://project.example", { method: "GET" }))).toBe(405);
    const request = simulator.hook("payed", sell(1));
    expect((await answerQticketsHook(request, { secret: " ", inbox, log: () => {} })).status).toBe(503);
    const large = new Request("https://project.example", {
      method: "POST",
      body: "x".repeat(1024 * 1024 + 1),
    });
    expect(await tell(large)).toBe(413);
  });

  test("but signs right and sends nonsense is kept for a person to look at", async () => {
    const nonsense = simulator.hook("payed", "nonsense" as unknown as SimulatedOrder);
    expect(await tell(nonsense)).toBe(200);
    expect(await sql`select state, error from amocrm.inbox`).toEqual([
      { state: "unreadable", error: "no_order_id" },
    ]);
  });
});
