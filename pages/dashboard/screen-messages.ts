import { make } from "../kit/element.ts";
import { offerBulk } from "./bulk-offer.ts";
import type { Desk } from "./desk.ts";
import { button, card, choice, field, table, wayTo } from "./pieces.ts";
import { filterOf, type Route } from "./route.ts";
import { searchField } from "./search-field.ts";
import { type Message, MessageCount, MessagePage } from "./shapes.ts";
import { counted } from "./texts.ts";
import { ALL_STATES, KINDS, stateWord } from "./words.ts";

const PAGE_ROWS = 50;
const PERSONAL = ["email", "phone", "deal_id", "subject_id", "person_id"];
const SEARCHED = ["id", "email", "phone", "deal_id"];

/** The list of messages: filters that live in the address, pages from where the last ended, and the bulk actions on them. */
export async function showMessages(desk: Desk, { filter }: Route): Promise<Node[]> {
  const wanted = filterOf(filter);
  const [count, page] = await Promise.all([
    desk.call("amocrm_message_count", { p_filter: wanted }, MessageCount),
    desk.call("amocrm_messages", { p_filter: wanted, p_limit: PAGE_ROWS }, MessagePage),
  ]);
  const bulk =
    desk.mayChange && count.count > 0
      ? [
          button(desk.texts.retryAll, "", () => void offerBulk(desk, "requeue", wanted)),
          button(desk.texts.cancelAll, "danger", () => void offerBulk(desk, "cancel", wanted)),
        ]
      : [];
  const list = make("div", "");
  const draw = (rows: readonly Message[], next: number | null): void => {
    list.replaceChildren(
      rows.length === 0 ? make("p", "soft", desk.texts.noMessages) : messageTable(desk, rows),
    );
    if (next === null) return;
    list.append(
      button(
        desk.texts.more,
        "more",
        () =>
          void desk.attempt(async () => {
            const asked = { p_filter: wanted, p_before: next, p_limit: PAGE_ROWS };
            const more = await desk.call("amocrm_messages", asked, MessagePage);
            draw([...rows, ...more.rows], more.next);
          }),
      ),
    );
  };
  draw(page.rows, page.next);
  return [
    filters(desk, filter),
    card(counted(desk.language, "messages", count.count, count.is_more), bulk, list),
  ];
}

function filters(desk: Desk, filter: Route["filter"]): HTMLElement {
  const { texts } = desk;
  const change = (part: Record<string, string>): void =>
    desk.go({ screen: "messages", filter: { ...filter, ...part } });
  const search = searchField(desk, texts.search, filter, (found) =>
    change({ ...Object.fromEntries(SEARCHED.map((name) => [name, ""])), ...found }),
  );
  const chosen = (filter["states"] ?? "").split(",").filter((state) => state !== "");
  const states = make("div", "chips");
  states.setAttribute("role", "group");
  states.ariaLabel = texts.state;
  for (const state of ALL_STATES) {
    const isOn = chosen.includes(state);
    const chip = button(stateWord(desk.language, state).word, "", () =>
      change({ states: (isOn ? chosen.filter((one) => one !== state) : [...chosen, state]).join(",") }),
    );
    chip.ariaPressed = String(isOn);
    states.append(chip);
  }
  const kind = choice([["", texts.all], ...KINDS.map((one) => [one, one] as const)], filter["kind"] ?? "");
  kind.addEventListener("change", () => change({ kind: kind.value }));
  const queue = choice(
    [
      ["", texts.queueAmocrm],
      ["message", texts.queueMessage],
      ["sms", texts.queueSms],
    ],
    filter["queue"] ?? "",
  );
  queue.addEventListener("change", () => change({ queue: queue.value }));
  const source = document.createElement("input");
  source.value = filter["source"] ?? "";
  source.addEventListener("change", () => change({ source: source.value.trim() }));
  const form = make(
    "div",
    "filters",
    search,
    field(texts.queue, queue),
    field(texts.kind, kind),
    field(texts.source, source),
  );
  const person = Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => PERSONAL.includes(name) && value !== ""),
  );
  const group = filter["error_group"] ?? filter["error_code"];
  const below = make(
    "div",
    "head",
    states,
    make(
      "div",
      "row",
      // Somebody without a message may be in quarantine: that stands there.
      ...(Object.keys(person).length === 0
        ? []
        : [wayTo(desk, { screen: "person", filter: person }, texts.openPerson)]),
      ...(group === undefined ? [] : [make("span", "badge bad", `${texts.error}: ${group}`)]),
    ),
  );
  if (Object.values(filter).some((value) => value !== ""))
    below.append(button(texts.clear, "quiet", () => desk.go({ screen: "messages", filter: {} })));
  return make("section", "card", form, below);
}

/** A moment that has passed is no time to wait for: the next run takes the message, unless something holds it. */
function nextWord({ texts, format }: Desk, at: string): string {
  return new Date(at).getTime() < Date.now() ? texts.dueNow : `${texts.next}: ${format.ago(at)}`;
}

/** Rows of messages; j and k go through them, Enter opens one. */
function messageTable(desk: Desk, rows: readonly Message[]): HTMLElement {
  const { texts, format } = desk;
  const columns = [
    { name: texts.message, isShort: true },
    { name: texts.state, isShort: true },
    { name: texts.kind, isShort: true },
    { name: texts.who, isShort: true },
    { name: texts.error, isWhole: true },
    { name: texts.tries, isNumber: true },
    { name: texts.created },
  ];
  const made = table(
    texts.messages,
    columns,
    rows.map((row) => [
      wayTo(desk, { screen: "message", filter: { id: String(row.id) } }, `№ ${row.id}`),
      desk.badge(row.state),
      make("div", "", row.kind, make("span", "small soft", row.source ?? "")),
      row.who ?? "—",
      row.error_code === null
        ? ""
        : make("div", "", row.error_code, make("span", "small soft", row.error_message ?? "")),
      format.number(row.attempt_count),
      make(
        "div",
        "",
        format.time(row.created_at),
        ...(row.next_attempt_at === null
          ? []
          : [make("span", "small soft", nextWord(desk, row.next_attempt_at))]),
      ),
    ]),
  );
  for (const line of made.querySelectorAll("tbody tr")) (line as HTMLElement).dataset["row"] = "";
  return made;
}
