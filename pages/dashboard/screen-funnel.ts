import { make } from "../kit/element.ts";
import { drawBar, drawChart } from "./chart.ts";
import { csvOf, saveAs } from "./csv.ts";
import type { Desk } from "./desk.ts";
import { comparedOf, lengthOf, type Period, periodOf, plusDays } from "./period.ts";
import { button, card, choice, facts, field, table, wayTo } from "./pieces.ts";
import type { Route } from "./route.ts";
import { Funnel, type FunnelCounts, type FunnelRow } from "./shapes-of-funnel.ts";

const MINUTE_MS = 60_000;
const WAYS = ["day", "source", "campaign"] as const;
type By = (typeof WAYS)[number];

/** The steps from a lead to a sale, in order; `isShare` where a share of the leads says something. */
const STEPS = [
  { key: "leads", text: "leads", isShare: false },
  { key: "delivered_to_crm", text: "inCrm", isShare: true },
  { key: "mails_opened", text: "mailsOpened", isShare: false },
  { key: "human_clicks", text: "clicks", isShare: false },
  { key: "moved", text: "moved", isShare: true },
  { key: "deals_won", text: "won", isShare: true },
] as const;

/** What became of leads: a period by day, source or campaign, and beside it another one of the same length. */
export async function showFunnel(desk: Desk, { filter }: Route): Promise<Node[]> {
  const today = new Date().toLocaleDateString("sv-SE");
  const period = periodOf(filter, today);
  const compared = comparedOf(filter, period);
  const by = WAYS.find((way) => way === filter["by"]) ?? "day";
  const ask = ({ from, until }: Period): Promise<Funnel> =>
    desk.call(
      "landing_funnel_sums",
      { p_from: from, p_until: until, p_by: by, p_source: filter["source"] ?? null },
      Funnel,
    );
  const [told, other] = await Promise.all([ask(period), compared === null ? null : ask(compared)]);
  const { texts, format } = desk;
  const sources = [...new Set([...told.sources, ...(filter["source"] ? [filter["source"]] : [])])];
  const top = filters(desk, filter, { period, by, sources });
  const fresh = texts.funnelFresh
    .replace("{at}", format.ago(told.folded_at))
    .replace("{zone}", told.time_zone);
  if (told.total === null) return [top, card(texts.funnelTitle, [], make("p", "soft", texts.funnelNone))];
  const before = other?.total ?? null;
  const save = button(texts.csv, "", () =>
    saveAs(
      `funnel-${period.from}-${period.until}.csv`,
      csvOf(
        [
          csvHead(desk, by),
          ...csvRows(period, told),
          ...(compared === null || other === null ? [] : csvRows(compared, other)),
        ],
        desk.language === "ru" ? ";" : ",",
      ),
    ),
  );
  return [
    top,
    card(
      texts.funnelTitle,
      [],
      make("p", "soft small", `${texts.funnelLead} ${fresh}`),
      ...(compared === null
        ? []
        : [
            make(
              "p",
              "soft small",
              texts.comparedWith.replace("{from}", compared.from).replace("{until}", compared.until),
            ),
          ]),
      steps(desk, told.total, before),
      facts(
        [texts.people, pair(desk, told.total.people, before?.people)],
        [texts.revenue, pair(desk, told.total.revenue, before?.revenue)],
        [
          texts.median,
          told.total.median_minutes === null ? "—" : format.duration(told.total.median_minutes * MINUTE_MS),
        ],
      ),
    ),
    ...(by === "day" ? [days(desk, period, told.rows)] : []),
    card(texts[BY_TITLES[by]], [save], rows(desk, by, { told, other, period, compared })),
  ];
}

function filters(
  desk: Desk,
  filter: Route["filter"],
  { period, by, sources }: { period: Period; by: By; sources: readonly string[] },
): HTMLElement {
  const { texts } = desk;
  const change = (part: Record<string, string>): void =>
    desk.go({ screen: "funnel", filter: { ...filter, ...part } });
  const day = (value: string, name: string): HTMLInputElement => {
    const input = document.createElement("input");
    input.type = "date";
    input.value = value;
    input.addEventListener("change", () => input.value !== "" && change({ [name]: input.value }));
    return input;
  };
  const select = (name: string, options: readonly (readonly [string, string])[], chosen: string) => {
    const made = choice(options, chosen);
    made.addEventListener("change", () => change({ [name]: made.value }));
    return made;
  };
  const compare = filter["compare"] ?? "";
  return make(
    "section",
    "card",
    make(
      "div",
      "filters",
      field(texts.from, day(period.from, "from")),
      field(texts.until, day(period.until, "until")),
      field(
        texts.by,
        select(
          "by",
          WAYS.map((way) => [way, texts[BY_WORDS[way]]] as const),
          by,
        ),
      ),
      field(
        texts.source,
        select(
          "source",
          [["", texts.all], ...sources.filter((one) => one !== "").map((one) => [one, one] as const)],
          filter["source"] ?? "",
        ),
      ),
      field(
        texts.compare,
        select(
          "compare",
          [
            ["", texts.compareNone],
            ["before", texts.compareBefore],
            ["year", texts.compareYear],
            ["own", texts.compareOwn],
          ],
          compare,
        ),
      ),
      ...(compare === "own"
        ? [field(texts.compareFrom, day(comparedOf(filter, period)?.from ?? "", "compare_from"))]
        : []),
    ),
  );
}

const BY_WORDS = { day: "byDay", source: "bySource", campaign: "byCampaign" } as const;
const BY_TITLES = { day: "funnelByDay", source: "funnelBySource", campaign: "funnelByCampaign" } as const;
const COLUMN_WORDS = { day: "day", source: "source", campaign: "campaign" } as const;

/** A number, and what it was in the other period. */
function pair(desk: Desk, now: number, before: number | undefined): string {
  const shown = desk.format.number(now);
  return before === undefined ? shown : `${shown} · ${desk.texts.before}: ${desk.format.number(before)}`;
}

function changeOf(desk: Desk, now: number, before: number): string {
  if (before === 0) return "—";
  const percent = Math.round((now / before - 1) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${desk.format.number(Math.abs(percent))} %`;
}

function steps(desk: Desk, total: FunnelCounts, before: FunnelCounts | null): HTMLElement {
  const { texts, format } = desk;
  const most = Math.max(1, ...STEPS.flatMap(({ key }) => [total[key], before?.[key] ?? 0]));
  const columns = [
    { name: texts.step, isShort: true },
    { name: "", isWhole: true },
    { name: texts.count, isNumber: true },
    { name: texts.ofLeads, isNumber: true },
    ...(before === null
      ? []
      : [
          { name: texts.before, isNumber: true },
          { name: texts.change, isNumber: true },
        ]),
  ];
  return table(
    texts.funnelTitle,
    columns,
    STEPS.map(({ key, text, isShare }) => [
      texts[text],
      make(
        "div",
        "bars",
        drawBar(total[key] / most, isShare || key === "leads" ? "in" : "event"),
        ...(before === null ? [] : [drawBar(before[key] / most, "was")]),
      ),
      format.number(total[key]),
      isShare && total.leads > 0 ? `${format.number((total[key] / total.leads) * 100)} %` : "",
      ...(before === null ? [] : [format.number(before[key]), changeOf(desk, total[key], before[key])]),
    ]),
  );
}

function days(desk: Desk, period: Period, known: readonly FunnelRow[]): HTMLElement {
  const { texts } = desk;
  const of = new Map(known.map((row) => [row.name, row]));
  const slots = Array.from({ length: lengthOf(period) }, (_, place) => {
    const day = plusDays(period.from, place);
    const row = of.get(day);
    return {
      at: Date.parse(day),
      values: row === undefined ? [] : [row.leads, row.delivered_to_crm, row.deals_won],
    };
  });
  const axis = (at: number): string =>
    new Date(at).toLocaleDateString(desk.language, { day: "numeric", month: "short", timeZone: "UTC" });
  return card(
    texts.funnelDays,
    [],
    drawChart({ label: texts.funnelDays, most: texts.most, slots, classes: ["in", "out", "won"], axis }),
    make(
      "p",
      "legend",
      make("span", "in", texts.leads),
      make("span", "out", texts.inCrm),
      make("span", "won", texts.won),
    ),
  );
}

interface Shown {
  told: Funnel;
  other: Funnel | null;
  period: Period;
  compared: Period | null;
}

function rows(desk: Desk, by: By, { told, other, period, compared }: Shown): HTMLElement {
  const { texts, format } = desk;
  // A day stands beside the one that is as far from the start of its period.
  const shift = compared === null ? 0 : lengthOf({ from: compared.from, until: period.from }) - 1;
  const was = new Map(other?.rows.map((row) => [by === "day" ? plusDays(row.name, shift) : row.name, row]));
  const number = (row: FunnelRow, key: keyof FunnelCounts): Node | string => {
    const before = was.get(row.name)?.[key];
    const shown = format.number(row[key] ?? 0);
    return other === null
      ? shown
      : make("div", "", shown, make("span", "small soft", `${texts.before}: ${format.number(before ?? 0)}`));
  };
  const numbers = [...STEPS.map(({ text }) => texts[text]), texts.revenue].map((name) => ({
    name,
    isNumber: true,
  }));
  const made = table(
    texts[BY_TITLES[by]],
    [{ name: texts[COLUMN_WORDS[by]], isWhole: true }, ...numbers, { name: texts.median, isNumber: true }],
    (by === "day" ? told.rows.toReversed() : told.rows).map((row) => [
      by === "source" && row.name !== ""
        ? wayTo(desk, { screen: "messages", filter: { source: row.name } }, row.name)
        : row.name || texts.noName,
      ...STEPS.map(({ key }) => number(row, key)),
      number(row, "revenue"),
      row.median_minutes === null ? "—" : format.duration(row.median_minutes * MINUTE_MS),
    ]),
  );
  if (by === "source") {
    for (const line of made.querySelectorAll("tbody tr")) (line as HTMLElement).dataset["row"] = "";
  }
  return made;
}

const COLUMNS = [
  "people",
  ...STEPS.map(({ key }) => key),
  "deals",
  "deals_lost",
  "revenue",
  "median_minutes",
] as const;

const csvHead = (desk: Desk, by: By): string[] => [desk.texts.from, desk.texts.until, by, ...COLUMNS];
const csvRows = ({ from, until }: Period, { rows: listed }: Funnel): (string | number | null)[][] =>
  listed.map((row) => [from, until, row.name, ...COLUMNS.map((key) => row[key])]);
