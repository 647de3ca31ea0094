import { make } from "../kit/element.ts";
import { drawChart } from "./chart.ts";
import type { Desk } from "./desk.ts";
import { card, facts, table } from "./pieces.ts";
import { Pace } from "./shapes.ts";
import { verdictWord } from "./words.ts";
import { actionWord } from "./words-of-actions.ts";

const HOUR_MS = 3_600_000;

/** Pace and health: percentiles, flow and requests by hour, the connection, and what was changed when. */
export async function showPace(desk: Desk): Promise<Node[]> {
  const told = await desk.call("amocrm_pace", { p_language: desk.language }, Pace);
  const { texts, format } = desk;
  const { pace, connection } = told;
  const last = told.requests.at(-1);
  const changes = told.marks.map(({ at, what, name }) => ({
    at,
    name: what === "version" ? texts.version.replace("{name}", name) : actionWord(desk.language, name),
  }));
  const marks = changes.map(({ at, name }) => ({ at: new Date(at).getTime(), name }));
  const day = (at: number): string =>
    new Date(at).toLocaleString(desk.language, {
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
    });
  const hours = hourly(
    told.hours.map(([at, ...values]) => [at, values.slice(0, 3)] as const),
    168,
  );
  const requests = hourly(
    told.requests.map((one) => [one.hour, [one.request_count, one.rate_limited_count]] as const),
    24,
  );
  return [
    make(
      "div",
      "two",
      card(
        texts.pace,
        [
          make(
            "span",
            `badge ${pace.breaker_code === null ? "good" : "bad"}`,
            `${texts.breaker}: ${pace.breaker_code ?? texts.closed}`,
          ),
        ],
        ...(pace.breaker_message === null ? [] : [make("p", "notice bad", pace.breaker_message)]),
        ...(pace.slow_reason === null ? [] : [make("p", "notice", pace.slow_reason)]),
        facts(
          [texts.paceSet, format.duration(pace.min_interval_ms)],
          [texts.paceNow, format.duration(pace.interval_in_force_ms)],
          [texts.slotShare, last === undefined ? "—" : `${format.number(last.slot_share * 100)} %`],
          [texts.token, format.ago(connection.refresh_expires_at ?? connection.token_expires_at)],
          [texts.mirror, format.ago(connection.last_pull_at)],
          [texts.hooks, hooksWord(desk, connection.webhook_state)],
          [texts.lastHook, format.ago(connection.last_delivery_at)],
        ),
      ),
      card(
        texts.queues,
        [],
        table(
          texts.queues,
          [{ name: texts.queue }, { name: texts.state }, { name: texts.lastDrain }],
          told.queues.map((queue) => [
            queueWord(desk, queue.queue),
            queue.breaker_code ??
              (queue.paused_at === null
                ? verdictWord(desk.language, queue.state ?? "unknown")
                : texts.paused),
            format.ago(queue.last_seen_at),
          ]),
        ),
      ),
    ),
    card(texts.percentiles, [], make("p", "soft", texts.percentilesLead), percentiles(desk, told)),
    card(
      texts.byHour,
      [],
      drawChart({
        label: texts.hoursLabel,
        most: texts.most,
        slots: hours,
        classes: ["in", "out", "dead"],
        axis: day,
        marks,
      }),
      make(
        "p",
        "legend",
        make("span", "in", texts.came),
        make("span", "out", texts.delivered),
        make("span", "dead", texts.diedWord),
      ),
    ),
    card(
      texts.requestsDay,
      [],
      drawChart({
        label: texts.requestsLabel,
        most: texts.most,
        slots: requests,
        classes: ["in", "dead"],
        axis: day,
        marks,
      }),
      make("p", "legend", make("span", "in", texts.requestsWord), make("span", "dead", texts.limited)),
    ),
    card(
      texts.marks,
      [],
      ...(told.marks.length === 0
        ? [make("p", "soft", texts.noneYet)]
        : changes.map(({ at, name }) => make("p", "", `${format.time(at)} · ${name}`))),
    ),
  ];
}

/** A queue as people call it; several accounts have one each, named by themselves. */
function queueWord({ texts }: Desk, queue: string): string {
  const known: Readonly<Record<string, string>> = {
    amocrm: texts.queueAmocrm,
    message: texts.queueMessage,
    sms: texts.queueSms,
    unisender: texts.queueUnisender,
  };
  return known[queue] ?? queue;
}

function hooksWord({ texts, language }: Desk, state: string | null): string {
  if (state === "broken") return verdictWord(language, "failing");
  return state === null ? "—" : state === "on" ? texts.hooksOn : texts.hooksOff;
}

function hourly(
  known: readonly (readonly [string, readonly number[]])[],
  count: number,
): { at: number; values: readonly number[] }[] {
  const values = new Map(known.map(([at, counts]) => [new Date(at).getTime(), counts]));
  const end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return Array.from({ length: count }, (_, place) => {
    const at = end - (count - 1 - place) * HOUR_MS;
    return { at, values: values.get(at) ?? [] };
  });
}

function percentiles(desk: Desk, told: Pace): HTMLElement {
  const { texts, format } = desk;
  const windows = [
    ["1h", texts.lastHour],
    ["24h", texts.lastDay],
    ["7d", texts.lastWeek],
  ] as const;
  const rows = (["amocrm", "message", "sms"] as const).flatMap((queue) =>
    windows.flatMap(([name, words]) =>
      (told.percentiles[queue][name] ?? [])
        .filter(({ kind }) => kind === "*" || name === "24h")
        .map((one) => [
          queueWord(desk, queue),
          one.kind === "*" ? texts.ofAll : one.kind,
          texts[one.measure],
          words,
          format.number(one.message_count),
          format.duration(one.half_ms),
          format.duration(one.most_ms),
          format.duration(one.nearly_all_ms),
        ]),
    ),
  );
  if (rows.length === 0) return make("p", "soft", texts.noNumbers);
  const numbers = [texts.count, "50 %", "95 %", "99 %"].map((name) => ({ name, isNumber: true }));
  return table(
    texts.percentiles,
    [
      { name: texts.queue },
      { name: texts.kind },
      { name: texts.measure },
      { name: texts.window },
      ...numbers,
    ],
    rows,
  );
}
