import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { Call } from "./call.ts";
import { emptyAnswer, halAnswer, problemText } from "./problem.ts";
import { branch, scalar } from "./query-tree.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 250;

/** What a list is made of and how it may be ordered. */
export interface ListPlan<Row> {
  name: string;
  rows: Row[];
  /** Members that `order[...]` may name; the first is no default, lists come by id. */
  orderKeys: (keyof Row & string)[];
  present: (row: Row) => unknown;
  /** Some lists carry `_total_items`, contacts and deals do not (amocrm-api 3.1). */
  hasTotal?: boolean;
  /** Rows in one page at most; 250 for nearly all lists (amocrm-api 2.2). */
  limitMax?: number;
}

/** One page in amoCRM's list shape; 204 for an empty one, `_links.next` as `lists.next_link` says. */
export function listAnswer<Row extends object>(world: World, call: Call, plan: ListPlan<Row>): Answer {
  const limitMax = plan.limitMax ?? LIMIT_MAX;
  const asked = positive(scalar(call.query, "limit")) ?? LIMIT_DEFAULT;
  if (asked > limitMax && world.settings.lists.over_limit === "refuse") {
    return problemText(world.settings, 400, "limitTooHigh");
  }
  const limit = Math.min(asked, limitMax);
  const page = positive(scalar(call.query, "page")) ?? 1;
  const rows = orderRows(world, call, plan).slice((page - 1) * limit, page * limit);
  if (rows.length === 0) return emptyAnswer();

  const hasNext = {
    when_more: plan.rows.length > page * limit,
    when_full: rows.length === limit,
    always: true,
  }[plan.hasTotal === true ? "when_more" : world.settings.lists.next_link];
  const links = {
    self: { href: pageHref(call, page) },
    ...(hasNext ? { next: { href: pageHref(call, page + 1) } } : {}),
  };
  return {
    ...halAnswer({
      ...(plan.hasTotal === true ? { _total_items: plan.rows.length } : {}),
      _page: page,
      _links: links,
      _embedded: { [plan.name]: rows.map(plan.present) },
    }),
    rows: rows.length,
  };
}

function positive(value: string | undefined): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function orderRows<Row extends object>(world: World, call: Call, plan: ListPlan<Row>): Row[] {
  const order = branch(call.query, "order");
  const { settings, ports } = world;
  const asked = plan.orderKeys.find((candidate) => order[candidate] !== undefined);
  if (asked === undefined) return plan.rows;
  const changed = plan.orderKeys.find((candidate) => candidate === "updated_at");
  const isIgnored = asked === "id" && changed !== undefined && settings.lists.by_id === "ignored";
  const key = isIgnored ? changed : asked;
  const sign = isIgnored || order[asked] === "desc" ? -1 : 1;
  const rows = [...plan.rows];
  const lots = settings.lists.ties === "shuffled" ? new Map(rows.map((row) => [row, ports.random()])) : null;
  const lot = (row: Row) => lots?.get(row) ?? 0;
  // The sort is stable, so rows of the same second stay in the order of their ids, unless lots decide anew for each page.
  return rows.sort(
    (one, other) => sign * (Number(one[key] ?? 0) - Number(other[key] ?? 0)) || lot(one) - lot(other),
  );
}

function pageHref(call: Call, page: number): string {
  const url = new URL(call.url);
  url.searchParams.set("page", String(page));
  return url.href;
}
