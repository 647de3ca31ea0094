import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { loyaltyParts, sum, wayToMember } from "./loyalty-pieces.ts";
import { adjustPoints, setTier } from "./member-actions.ts";
import { button, card, facts, table } from "./pieces.ts";
import type { Route } from "./route.ts";
import { Identities, Member } from "./shapes-of-loyalty.ts";
import { loyaltyWord } from "./words-loyalty.ts";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** One member whole: card, scores, how the person is known, orders, points and changes; and what an admin may do. */
export async function showMember(desk: Desk, { filter }: Route): Promise<Node[]> {
  const { texts } = desk;
  const id = filter["id"] ?? "";
  const top = loyaltyParts(desk, "member");
  if (!ID.test(id)) return [top, make("p", "notice", texts.memberUnknown)];
  const told = await desk.call("loyalty_member", { p_member: id }, Member);
  const acts = desk.mayChange
    ? [
        button(texts.adjust, "", () => void adjustPoints(desk, told)),
        button(texts.setTier, "", () => void setTier(desk, told)),
      ]
    : [];
  return [
    top,
    ...(told.forgotten_at === null ? [] : [make("p", "notice", texts.memberForgotten)]),
    card(`${texts.member} ${told.id.slice(0, 8)}`, acts, cardFacts(desk, told), ...scores(desk, told)),
    contacts(desk, told),
    card(texts.orders, [], orders(desk, told)),
    card(texts.ledger, [], ledger(desk, told)),
    ...(told.changes.length === 0 ? [] : [card(texts.changes, [], changes(desk, told))]),
  ];
}

function cardFacts(desk: Desk, told: Member): HTMLElement {
  const { texts, format } = desk;
  const word = (code: string): string => loyaltyWord(desk.language, code);
  const { card: shown } = told;
  const warned =
    told.tier_warned_at === null
      ? ""
      : ` · ${texts.reviewWarned.replace("{at}", format.time(told.tier_warned_at))}`;
  return facts(
    [texts.balance, format.number(shown.balance)],
    [texts.pending, format.number(shown.pending)],
    [texts.tier, `${word(shown.tier)} · ${format.number(shown.cashback_percent)} %`],
    [
      texts.nextExpiry,
      shown.next_expiry_at === null
        ? "—"
        : `${format.number(shown.next_expiry_amount)} · ${format.time(shown.next_expiry_at)}`,
    ],
    [texts.review, `${format.time(told.tier_review_at)}${warned}`],
    ...(told.by_hand === null
      ? []
      : [
          [
            texts.byHand,
            `${format.time(told.by_hand.until)} · ${told.by_hand.reason ?? "—"} (${word(told.reached_tier)})`,
          ] as const,
        ]),
    [texts.mailing, told.is_mailable ? texts.yes : texts.no],
    [texts.memberSince, format.time(told.created_at)],
  );
}

function scores(desk: Desk, { scores: told, currency }: Member): HTMLElement[] {
  if (told === null) return [];
  const { texts, format } = desk;
  return [
    facts(
      [texts.segment, told.segment === null ? texts.noSegment : loyaltyWord(desk.language, told.segment)],
      [texts.scores, `R ${told.recency_score} · F ${told.frequency_score} · M ${told.monetary_score}`],
      [texts.lastOrder, texts.daysAgo.replace("{n}", format.number(told.recency_days))],
      [texts.orders, format.number(told.frequency)],
      [texts.spend, sum(desk, told.monetary, currency)],
    ),
  ];
}

/** Masked until an admin asks; then who asked is written down. */
function contacts(desk: Desk, told: Member): HTMLElement {
  const { texts, format } = desk;
  const list = make("div", "");
  const draw = (identities: Member["identities"]): void =>
    list.replaceChildren(
      facts(
        ...identities.map(
          ({ provider, value, created_at: at }) =>
            [
              loyaltyWord(desk.language, provider),
              make("div", "", value, make("span", "small soft", ` ${format.time(at)}`)),
            ] as const,
        ),
      ),
    );
  draw(told.identities);
  const reveal = button(texts.reveal, "quiet", async () => {
    draw(await desk.call("loyalty_member_reveal", { p_member: told.id }, Identities));
    reveal.remove();
  });
  reveal.title = texts.revealNote;
  const rows: HTMLElement[] = [];
  for (const { other_id: other, reason } of told.suggestions)
    rows.push(
      make(
        "li",
        "",
        make("span", "", `${texts.maybeSame}: `, wayToMember(desk, other)),
        make("span", "soft", loyaltyWord(desk.language, reason)),
        ...ask(desk, texts.joinYes, texts.joinAsk, "loyalty_join", { p_keep: told.id, p_other: other }),
      ),
    );
  for (const { id, other_id: other, joined_at: at } of told.joins)
    rows.push(
      make(
        "li",
        "",
        make("span", "", `${texts.joinedWith} ${other.slice(0, 8)}, ${format.time(at)}`),
        ...ask(desk, texts.part, texts.partAsk, "loyalty_unjoin", { p_join: id }),
      ),
    );
  return card(
    texts.contacts,
    desk.mayChange && told.identities.length > 0 ? [reveal] : [],
    ...(told.identities.length === 0 ? [make("p", "soft", "—")] : [list]),
    ...(rows.length === 0 ? [] : [make("ul", "todo", ...rows)]),
  );
}

function ask(desk: Desk, words: string, title: string, name: string, args: object): HTMLElement[] {
  if (!desk.mayChange) return [];
  return [
    button(words, "", async () => {
      if (await desk.ask({ title, body: [], yes: words })) await desk.act(name, args);
    }),
  ];
}

function orders(desk: Desk, told: Member): HTMLElement {
  const { texts, format } = desk;
  if (told.orders.length === 0) return make("p", "soft", texts.noOrders);
  return table(
    texts.orders,
    [
      { name: texts.order, isWhole: true },
      { name: texts.amount, isNumber: true },
      { name: texts.cashback },
      { name: texts.at },
    ],
    told.orders.map((one) => [
      make("div", "", loyaltyWord(desk.language, one.provider), make("span", "small soft", one.external_id)),
      make(
        "div",
        "",
        sum(desk, one.amount, one.currency),
        ...(one.refunded_amount === 0
          ? []
          : [make("span", "small soft", texts.refunded.replace("{amount}", sum(desk, one.refunded_amount)))]),
      ),
      make(
        "div",
        "",
        one.percent === null ? "—" : `${format.number(one.percent)} %`,
        ...[
          one.paid_at === null ? texts.unpaid : "",
          one.deleted_at === null ? "" : texts.deletedOrder,
          one.lacks_rate ? texts.lacksRate.replace("{currency}", one.currency) : "",
        ]
          .filter((words) => words !== "")
          .map((words) => make("span", "small soft", words)),
      ),
      format.time(one.at),
    ]),
  );
}

function ledger(desk: Desk, told: Member): HTMLElement {
  const { texts, format } = desk;
  if (told.ledger.length === 0) return make("p", "soft", texts.noPoints);
  const now = Date.now();
  return table(
    texts.ledger,
    [
      { name: texts.booking, isWhole: true },
      { name: texts.points, isNumber: true },
      { name: texts.reason },
      { name: texts.at },
    ],
    told.ledger.map((row) => [
      make(
        "div",
        "",
        loyaltyWord(desk.language, row.kind),
        make(
          "span",
          "small soft",
          [row.provider, row.action]
            .filter((code) => code !== null)
            .map((code) => loyaltyWord(desk.language, code))
            .concat(row.order_external_id ?? [])
            .join(" · "),
        ),
      ),
      `${row.amount > 0 ? "+" : "−"}${format.number(Math.abs(row.amount))}`,
      make(
        "div",
        "",
        row.reason ?? "",
        ...[
          row.is_award && row.available_at !== null && Date.parse(row.available_at) > now
            ? texts.availableFrom.replace("{at}", format.time(row.available_at))
            : "",
          row.is_award && row.expires_at !== null
            ? texts.expiresOn.replace("{at}", format.time(row.expires_at))
            : "",
        ]
          .filter((words) => words !== "")
          .map((words) => make("span", "small soft", words)),
      ),
      format.time(row.at),
    ]),
  );
}

function changes(desk: Desk, told: Member): HTMLElement {
  const word = (code: string | null): string => (code === null ? "—" : loyaltyWord(desk.language, code));
  const list = make("ol", "events");
  for (const { at, event, from_value: from, to_value: to } of told.changes)
    list.append(
      make(
        "li",
        "",
        make("span", "soft small", `${desk.format.time(at)} `),
        make("div", "", loyaltyWord(desk.language, event)),
        make("span", "small soft", from === null ? word(to) : `${word(from)} → ${word(to)}`),
      ),
    );
  return list;
}
