import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { loyaltyParts, sum, wayToMember } from "./loyalty-pieces.ts";
import { button, card, choice, field, table } from "./pieces.ts";
import type { Route } from "./route.ts";
import { type Listed, MemberPage, Segment, Tier } from "./shapes-of-loyalty.ts";
import { loyaltyWord } from "./words-loyalty.ts";

const PAGE_ROWS = 50;
const WORDS = ["search", "tier", "segment"];
const SCORES = ["r", "f", "m"];

/** The filter as the database takes it. */
function wantedOf(filter: Route["filter"]): Record<string, string | number> {
  const wanted: Record<string, string | number> = {};
  for (const name of WORDS) if (filter[name]) wanted[name] = filter[name].slice(0, 320);
  for (const name of SCORES) if (/^[1-5]$/.test(filter[name] ?? "")) wanted[name] = Number(filter[name]);
  return wanted;
}

/** The list of members: filters that live in the address, pages from where the last ended. */
export async function showMembers(desk: Desk, { filter }: Route): Promise<Node[]> {
  const ask = (before: string | null) =>
    desk.call(
      "loyalty_member_list",
      { p_filter: wantedOf(filter), p_before: before, p_limit: PAGE_ROWS },
      MemberPage,
    );
  const [page, tiers, segments] = await Promise.all([
    ask(null),
    desk.view("loyalty_tiers", Tier),
    desk.view("loyalty_segments", Segment),
  ]);
  const list = make("div", "");
  const draw = (rows: readonly Listed[], next: string | null): void => {
    list.replaceChildren(
      rows.length === 0 ? make("p", "soft", desk.texts.noMembers) : memberTable(desk, rows),
    );
    if (next === null) return;
    list.append(
      button(desk.texts.more, "more", async () => {
        const more = await ask(next);
        draw([...rows, ...more.rows], more.next);
      }),
    );
  };
  draw(page.rows, page.next);
  return [
    loyaltyParts(desk, "members"),
    filters(
      desk,
      filter,
      tiers.toSorted((one, other) => one.threshold - other.threshold).map(({ code }) => code),
      segments.toSorted((one, other) => one.position - other.position).map(({ code }) => code),
    ),
    card(desk.texts.members, [], list),
  ];
}

function filters(
  desk: Desk,
  filter: Route["filter"],
  tiers: readonly string[],
  segments: readonly string[],
): HTMLElement {
  const { texts } = desk;
  const change = (part: Record<string, string>): void =>
    desk.go({ screen: "members", filter: { ...filter, ...part } });
  const search = document.createElement("input");
  search.type = "search";
  search.id = "search";
  search.value = filter["search"] ?? "";
  // Whoever looks for a person does not mean those of a segment only.
  search.addEventListener("change", () =>
    desk.go({ screen: "members", filter: { search: search.value.trim() } }),
  );
  const select = (name: string, codes: readonly string[]): HTMLSelectElement => {
    const made = choice(
      [["", texts.all], ...codes.map((code) => [code, loyaltyWord(desk.language, code)] as const)],
      filter[name] ?? "",
    );
    made.addEventListener("change", () => change({ [name]: made.value }));
    return made;
  };
  const form = make(
    "div",
    "filters",
    field(texts.searchMember, search, "search"),
    field(texts.tier, select("tier", tiers)),
    field(texts.segment, select("segment", segments)),
  );
  const scores = SCORES.filter((name) => filter[name]).map((name) => `${name.toUpperCase()} ${filter[name]}`);
  const below = make("div", "row");
  if (scores.length > 0) below.append(make("span", "badge", `${texts.scores}: ${scores.join(" · ")}`));
  if (Object.values(filter).some((value) => value !== ""))
    below.append(button(texts.clear, "quiet", () => desk.go({ screen: "members", filter: {} })));
  return make("section", "card", form, ...(below.childElementCount === 0 ? [] : [below]));
}

/** Rows of members; j and k go through them, Enter opens one. */
function memberTable(desk: Desk, rows: readonly Listed[]): HTMLElement {
  const { texts, format } = desk;
  const made = table(
    texts.members,
    [
      { name: texts.member, isWhole: true },
      { name: texts.tier, isShort: true },
      { name: texts.balance, isNumber: true },
      { name: texts.segment, isShort: true },
      { name: texts.orders, isNumber: true },
      { name: texts.spend, isNumber: true },
      { name: texts.lastOrder },
    ],
    rows.map((row) => [
      make(
        "div",
        "",
        wayToMember(desk, row.id, row.contacts[0]?.value),
        make(
          "span",
          "small soft",
          row.contacts
            .slice(1)
            .map(({ value }) => value)
            .join(", "),
        ),
      ),
      loyaltyWord(desk.language, row.tier),
      format.number(row.balance),
      row.segment === null ? "" : loyaltyWord(desk.language, row.segment),
      row.order_count === null ? "" : format.number(row.order_count),
      row.spend === null ? "" : sum(desk, row.spend),
      row.recency_days === null ? "" : texts.daysAgo.replace("{n}", format.number(row.recency_days)),
    ]),
  );
  for (const line of made.querySelectorAll("tbody tr")) (line as HTMLElement).dataset["row"] = "";
  return made;
}
