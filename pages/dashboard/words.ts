import type { Language } from "./texts.ts";

const STATES: Readonly<Record<string, readonly [en: string, ru: string, tone: string]>> = {
  pending: ["waiting", "ждёт", "wait"],
  leased: ["being sent", "отправляется", "wait"],
  uncertain: ["uncertain", "неясно", "bad"],
  delivered: ["delivered", "доставлено", "good"],
  dead: ["dead", "не доставлено", "bad"],
  superseded: ["superseded", "заменено", ""],
  cancelled: ["cancelled", "отменено", ""],
};
export const ALL_STATES = Object.keys(STATES);

export function stateWord(language: Language, state: string): { word: string; tone: string } {
  const [en = state, ru = state, tone = ""] = STATES[state] ?? [];
  return { word: language === "ru" ? ru : en, tone };
}

const VERDICTS: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  ok: ["well", "в порядке"],
  unknown: ["not seen yet", "ещё не было"],
  paused: ["paused", "на паузе"],
  behind: ["behind", "отстаёт"],
  attention: ["look here", "внимание"],
  unconfigured: ["not set up", "не настроено"],
  disabled: ["switched off", "выключено"],
  stopped: ["stopped", "остановлено"],
  unreachable: ["unreachable", "недоступно"],
  failing: ["failing", "сбои"],
  blocked: ["blocked", "заблокировано"],
};

export function verdictWord(language: Language, verdict: string): string {
  const [en = verdict, ru = verdict] = VERDICTS[verdict] ?? [];
  return language === "ru" ? ru : en;
}

/** What amocrm_timeline calls an event; the rest of its names are made of a word and a state or a deal's event. */
const EVENTS: Readonly<Record<string, string>> = {
  "lead inserted": "заявка пришла",
  "student inserted": "ученик добавлен",
  "message appended": "сообщение создано",
  tried: "попытка",
  warning: "предупреждение",
  "done by hand": "сделано вручную",
  "deal made in amoCRM": "сделка создана в amoCRM",
  "deal last changed in amoCRM": "сделка изменена в amoCRM",
  "deal closed in amoCRM": "сделка закрыта в amoCRM",
  "deal deleted in amoCRM": "сделка удалена в amoCRM",
  "link clicked": "переход по ссылке",
  "link opened by a machine": "ссылку открыла программа",
  "people merged": "люди объединены",
  "duplicate listed": "найден дубликат",
  "lesson completed": "урок пройден",
  "deal added": "сделка появилась",
  "deal stage_changed": "сделка перешла на другой этап",
  "deal won": "сделка выиграна",
  "deal lost": "сделка проиграна",
  "deal reopened": "сделка открыта снова",
  "deal responsible_changed": "у сделки другой ответственный",
  "deal price_changed": "у сделки другая сумма",
  "deal deleted": "сделка удалена",
  "deal restored": "сделка восстановлена",
};

export function eventWord(language: Language, event: string): string {
  const state = /^message is (\w+)$/.exec(event)?.[1];
  if (state !== undefined) {
    return `${language === "ru" ? "сообщение" : "message"}: ${stateWord(language, state).word}`;
  }
  return language === "ru" ? (EVENTS[event] ?? event) : event.replaceAll("_", " ");
}

const SETTINGS: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  min_interval_ms: ["Pace: ms between two requests", "Темп: мс между запросами"],
  batch_size: ["Deals created in one request", "Сделок в одном запросе"],
  patch_batch_size: ["Changes in one request", "Изменений в одном запросе"],
  max_attempts: ["Failed tries until dead", "Неудачных попыток до отказа"],
  pull_interval_seconds: ["Seconds between two pulls", "Секунд между чтениями"],
  keep_delivered_days: ["Days that messages are kept", "Дней хранить сообщения"],
  keep_requests_days: ["Days that logs are kept", "Дней хранить журналы"],
  allow_stage_backwards: ["May deals move back?", "Двигать сделки назад?"],
};

export function settingWord(language: Language, name: string): string {
  const [en = name, ru = name] = SETTINGS[name] ?? [];
  return language === "ru" ? ru : en;
}
