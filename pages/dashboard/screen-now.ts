import { make } from "../kit/element.ts";
import { drawChart } from "./chart.ts";
import { connectButton } from "./connect.ts";
import type { Desk } from "./desk.ts";
import { button, card, facts, table, wayTo } from "./pieces.ts";
import type { Route } from "./route.ts";
import { goToPerson, searchField } from "./search-field.ts";
import { FirstScreen } from "./shapes.ts";
import { verdictWord } from "./words.ts";

const MINUTE_MS = 60_000;

/** The first screen: is it alive, does it keep up, what is broken, what waits for a person. */
export async function showNow(desk: Desk): Promise<Node[]> {
  const first = await desk.call("amocrm_dashboard", { p_language: desk.language }, FirstScreen);
  const { texts, format } = desk;
  const banner = first.alive.is_working
    ? []
    : [
        make(
          "p",
          "notice bad",
          first.alive.last_tick_at === null
            ? texts.neverBanner
            : texts.deadBanner.replace("{at}", format.time(first.alive.last_tick_at)),
        ),
      ];
  return [
    ...banner,
    make(
      "section",
      "card",
      searchField(desk, texts.whyNot, {}, (found) => goToPerson(desk, found)),
    ),
    make("div", "two", alive(desk, first), person(desk, first)),
    flow(desk, first),
    broken(desk, first),
  ];
}

function alive(desk: Desk, { alive: state }: FirstScreen): HTMLElement {
  const { texts, format } = desk;
  const isWell = state.verdict === "ok";
  const tone = isWell ? "good" : ["attention", "behind", "paused"].includes(state.verdict) ? "wait" : "bad";
  const isPaused = state.paused_at !== null;
  const stopOrGo = button(isPaused ? texts.resume : texts.pause, isPaused ? "main" : "", () => {
    void (isPaused ? desk.act("amocrm_resume", {}) : pause(desk));
  });
  return card(
    texts.alive,
    [make("span", `badge ${tone}`, verdictWord(desk.language, state.verdict))],
    make("p", "", state.problem ?? texts.allWell),
    ...(state.remedy === null ? [] : [make("p", "", `${texts.remedy}: `, make("code", "", state.remedy))]),
    ...(state.notice ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => make("p", "notice small", line)),
    facts(
      [texts.lastTick, format.ago(state.last_tick_at)],
      [texts.lastDrain, format.ago(state.last_drain_at)],
      [texts.lastDelivered, format.ago(state.last_delivered_at)],
      [texts.lastLead, format.ago(state.last_lead_at)],
      [texts.oldestWaiting, format.ago(state.oldest_waiting_at)],
    ),
    ...(desk.mayChange ? [make("div", "row", ...connectButton(desk, state.breaker_code), stopOrGo)] : []),
  );
}

async function pause(desk: Desk): Promise<void> {
  const reason = document.createElement("input");
  reason.maxLength = 500;
  const label = make("label", "", desk.texts.pauseReason, reason);
  const isAgreed = await desk.ask({
    title: desk.texts.pause,
    body: [label],
    yes: desk.texts.pause,
    isReady: () => reason.value.trim() !== "",
  });
  if (isAgreed) await desk.act("amocrm_pause", { p_reason: reason.value.trim() });
}

function flow(desk: Desk, { flow: told }: FirstScreen): HTMLElement {
  const { texts, format } = desk;
  const start = new Date(told.since).getTime();
  const known = new Map(
    told.minutes.map(([at, came, delivered]) => [new Date(at).getTime(), [came, delivered]]),
  );
  const slots = Array.from({ length: told.window_minutes }, (_, place) => {
    const at = start + place * MINUTE_MS;
    return { at, values: known.get(at) ?? [0, 0] };
  });
  const sum = (index: number): number => slots.reduce((total, { values }) => total + (values[index] ?? 0), 0);
  const clock = (at: number): string =>
    new Date(at).toLocaleTimeString(desk.language, { hour: "2-digit", minute: "2-digit" });
  return card(
    texts.keepsUp,
    [],
    facts(
      [texts.waiting, `${told.is_estimate ? "≈ " : ""}${format.number(told.waiting_count)}`],
      [texts.in60, format.number(sum(0))],
      [texts.out60, format.number(sum(1))],
      [texts.emptyAt, told.waiting_count === 0 ? "—" : format.ago(told.done_at)],
    ),
    drawChart({ label: texts.flowLabel, most: texts.most, slots, classes: ["in", "out"], axis: clock }),
    make("p", "legend", make("span", "in", texts.came), make("span", "out", texts.delivered)),
  );
}

function broken(desk: Desk, { errors }: FirstScreen): HTMLElement {
  const { texts, format } = desk;
  if (errors.length === 0) return card(texts.broken, [], make("p", "soft", texts.noErrors));
  const columns = [
    { name: texts.error, isWhole: true },
    { name: texts.kind, isShort: true },
    { name: texts.state, isShort: true },
    { name: texts.count, isNumber: true },
    { name: texts.newest },
  ];
  const rows = errors.map((group) => [
    make(
      "div",
      "",
      wayTo(desk, listOf({ error_group: group.error_group }), group.error_code),
      make("span", "small soft", group.message ?? ""),
    ),
    group.kind,
    make("div", "row", ...Object.keys(group.states).map((state) => desk.badge(state))),
    `${format.number(group.message_count)}${group.is_more ? "+" : ""}`,
    format.ago(group.newest_at),
  ]);
  return card(texts.broken, [], table(texts.broken, columns, rows));
}

const listOf = (filter: Route["filter"]): Route => ({ screen: "messages", filter });

/** Where each kind of decision is made. */
const WAYS: Readonly<Record<string, Route>> = {
  dead: listOf({ states: "dead" }),
  dead_mails: listOf({ states: "dead", queue: "message" }),
  dead_sms: listOf({ states: "dead", queue: "sms" }),
  held_sms: listOf({ states: "pending", queue: "sms", error_code: "sms_held" }),
  uncertain_long: listOf({ states: "uncertain" }),
  duplicates: { screen: "decisions", filter: {} },
  quarantine: { screen: "decisions", filter: {} },
  unmapped_forms: { screen: "decisions", filter: {} },
  held_tells: { screen: "decisions", filter: {} },
};

function person(desk: Desk, { person: waits }: FirstScreen): HTMLElement {
  const list = make("ul", "todo");
  for (const [name, way] of Object.entries(WAYS)) {
    const count = waits[name] ?? 0;
    const words = desk.texts[name as keyof Desk["texts"]];
    const number = make("span", count === 0 ? "count none" : "count", desk.format.number(count));
    list.append(make("li", "", number, count === 0 ? make("span", "soft", words) : wayTo(desk, way, words)));
  }
  return card(desk.texts.waitsForYou, [], list);
}
