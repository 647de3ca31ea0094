import { createHmac } from "node:crypto";

/** An order as Qtickets tells it, as far as anybody reads it. */
export interface SimulatedOrder {
  id: number;
  payed: boolean;
  payed_at: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
  price: number;
  currency_id: string;
  client_id: number;
  client: { id: number; email: string | null; details: { phone: string | null } };
  baskets: {
    id: number;
    price: number;
    quantity: number;
    refunded_at: string | null;
    refunded_amount: number | null;
  }[];
}

export interface QticketsSimulator {
  orders: Map<number, SimulatedOrder>;
  /** Each request that came, as "GET /path?query". */
  requests: string[];
  /** Answers a request of ours; stricter than the real one, which documents less than it takes. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** The call with which it tells of an order, signed. */
  hook(event: string, order: SimulatedOrder): Request;
  /** What goes wrong: a status for every answer, filters ignored as for names that it does not know, lists without tickets. */
  faults: { status?: number; ignoresFilters?: boolean; leavesTicketsOut?: boolean };
}

interface Condition {
  column: string;
  operator?: string;
  value: unknown;
}

const PATH = "/api/rest/v1/orders";

/** Qtickets in memory. Whoever sends anything but a GET, a body, or no token has made a mistake that would cost real tickets. */
export function createQticketsSimulator(token: string, secret: string, perPage = 30): QticketsSimulator {
  const orders = new Map<number, SimulatedOrder>();
  const requests: string[] = [];
  const faults: QticketsSimulator["faults"] = {};
  const told = (order: SimulatedOrder) => {
    const { baskets, ...rest } = structuredClone(order);
    return faults.leavesTicketsOut === true ? rest : { ...rest, baskets };
  };

  function answer(url: URL): Response {
    const id = url.pathname.slice(PATH.length + 1);
    if (id !== "") {
      const order = orders.get(Number(id));
      return order === undefined
        ? failure(404, "not found")
        : Response.json({ data: structuredClone(order) });
    }
    const asked = Number(url.searchParams.get("per_page") ?? perPage);
    const where: Condition[] =
      faults.ignoresFilters === true ? [] : JSON.parse(url.searchParams.get("where") ?? "[]");
    const found = [...orders.values()]
      .filter((order) => where.every((condition) => holds(order, condition)))
      .toSorted((a, b) => a.id - b.id);
    // It gives fewer than were asked for, and says so.
    const size = Math.min(asked, perPage);
    const page = Number(url.searchParams.get("page") ?? 1);
    const data = found.slice((page - 1) * size, page * size).map(told);
    return Response.json({ data, paging: { perPage: size, currentPage: page, total: found.length } });
  }

  return {
    orders,
    requests,
    faults,
    fetch: async (address, init) => {
      const url = new URL(address);
      requests.push(`${init.method ?? "GET"} ${url.pathname}${url.search}`);
      const headers = new Headers(init.headers);
      if ((init.method ?? "GET") !== "GET" || init.body != null)
        throw new Error(`${init.method} ${url.pathname} may change orders or tickets: only GET is allowed`);
      if (headers.get("authorization") !== `Bearer ${token}`) return failure(403, "access denied");
      if (faults.status !== undefined) return failure(faults.status, "unavailable");
      if (url.pathname !== PATH && !url.pathname.startsWith(`${PATH}/`))
        return failure(404, "no such method");
      return answer(url);
    },
    hook: (event, order) => {
      const body = JSON.stringify(order);
      const signature = createHmac("sha1", secret).update(body).digest("hex");
      return new Request("https://project.example/functions/v1/qtickets-events", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "Qtickets-Webhooks/2.0",
          "x-event-type": event,
          "x-model-name": "Order",
          "x-signature": signature,
        },
        body,
      });
    },
  };
}

function holds(order: SimulatedOrder, { column, operator = "=", value }: Condition): boolean {
  const held = order[column as keyof SimulatedOrder];
  switch (operator) {
    case "=":
      return held === value;
    case ">":
      return Number(held) > Number(value);
    case "in":
      return Array.isArray(value) && value.includes(held);
    default:
      throw new Error(`The operator ${operator} of ${column} is not one that we have proved`);
  }
}

const failure = (status: number, error: string): Response => Response.json({ error, status }, { status });
