import { make } from "../kit/element.ts";
import { drawBubble } from "./chart.ts";
import type { Desk } from "./desk.ts";
import { loyaltyParts, sum, wayToMember } from "./loyalty-pieces.ts";
import { card, facts, table, wayTo } from "./pieces.ts";
import type { Route } from "./route.ts";
import { Overview } from "./shapes-of-loyalty.ts";
import { loyaltyWord } from "./words-loyalty.ts";

const SCORES = [1, 2, 3, 4, 5] as const;

/** How many members are in which tier and segment, and the grid of scores as a picture whose numbers lead to the members. */
export async function showLoyalty(desk: Desk): Promise<Node[]> {
  const told = await desk.call("loyalty_overview", {}, Overview);
  const { texts, format } = desk;
  return [
    loyaltyParts(desk, "loyalty"),
    card(
      texts.members,
      [],
      facts(
        [texts.members, wayTo(desk, { screen: "members", filter: {} }, format.number(told.member_count))],
        [texts.withOrders, format.number(told.scored_count)],
        [texts.computed, format.ago(told.computed_at)],
      ),
      tiers(desk, told),
    ),
    card(
      texts.gridTitle,
      [],
      ...(told.grid.length === 0
        ? [make("p", "soft", texts.gridNone)]
        : [make("p", "soft small", texts.gridLead), grid(desk, told)]),
    ),
    card(texts.segments, [], segments(desk, told)),
    ...suggestions(desk, told),
  ];
}

const count = (desk: Desk, members: number, filter: Route["filter"]): Node | string =>
  members === 0 ? "0" : wayTo(desk, { screen: "members", filter }, desk.format.number(members));

function tiers(desk: Desk, told: Overview): HTMLElement {
  const { texts, format } = desk;
  return table(
    texts.tiers,
    [
      { name: texts.tier },
      { name: texts.fromSpend, isNumber: true },
      { name: texts.cashback, isNumber: true },
      { name: texts.members, isNumber: true },
    ],
    told.tiers.map((tier) => [
      loyaltyWord(desk.language, tier.code),
      sum(desk, tier.threshold, told.currency),
      `${format.number(tier.cashback_percent)} %`,
      count(desk, tier.member_count, { tier: tier.code }),
    ]),
  );
}

function segments(desk: Desk, told: Overview): HTMLElement {
  const { texts } = desk;
  const span = (letter: string, from: number, to: number): string =>
    `${letter} ${from === to ? from : `${from}–${to}`}`;
  const rows = told.segments.map((one) => [
    loyaltyWord(desk.language, one.code),
    [span("R", one.r_from, one.r_to), span("F", one.f_from, one.f_to), span("M", one.m_from, one.m_to)].join(
      " · ",
    ),
    count(desk, one.member_count, { segment: one.code }),
    sum(desk, one.spend, told.currency),
  ]);
  if (told.without_segment_count > 0)
    rows.push([texts.noSegment, "", desk.format.number(told.without_segment_count), ""]);
  return table(
    texts.segments,
    [
      { name: texts.segment, isShort: true },
      { name: texts.scores },
      { name: texts.members, isNumber: true },
      { name: texts.spend, isNumber: true },
    ],
    rows,
  );
}

/** Five by five: each place a circle as large as its share, and the number beside it. */
function grid(desk: Desk, told: Overview): HTMLElement {
  const { texts, format } = desk;
  const most = Math.max(...told.grid.map(({ member_count: members }) => members));
  const made = document.createElement("table");
  made.className = "grid";
  made.ariaLabel = texts.gridTitle;
  const top = make("tr", "", make("td", "soft small", "F / R"));
  for (const r of SCORES) {
    const head = make("th", "", String(r));
    head.setAttribute("scope", "col");
    top.append(head);
  }
  made.append(make("thead", "", top));
  const body = make("tbody", "");
  for (const f of SCORES.toReversed()) {
    const head = make("th", "", String(f));
    head.setAttribute("scope", "row");
    const line = make("tr", "", head);
    for (const r of SCORES) {
      const cell = told.grid.find((one) => one.r === r && one.f === f);
      if (cell === undefined) {
        line.append(make("td", "soft", "·"));
        continue;
      }
      const way = wayTo(
        desk,
        { screen: "members", filter: { r: String(r), f: String(f) } },
        format.number(cell.member_count),
      );
      way.title = texts.gridCell
        .replace("{segment}", loyaltyWord(desk.language, cell.segment ?? texts.noSegment))
        .replace("{count}", format.number(cell.member_count))
        .replace("{spend}", sum(desk, cell.spend, told.currency));
      line.append(make("td", "", drawBubble(cell.member_count / most), way));
    }
    body.append(line);
  }
  made.append(body);
  return made;
}

function suggestions(desk: Desk, told: Overview): HTMLElement[] {
  if (told.suggestions.length === 0) return [];
  const list = make("ul", "todo");
  for (const { member_id: one, other_id: other, reason } of told.suggestions)
    list.append(
      make(
        "li",
        "",
        wayToMember(desk, one),
        wayToMember(desk, other),
        make("span", "soft", loyaltyWord(desk.language, reason)),
      ),
    );
  return [card(desk.texts.maybeSame, [], list)];
}
